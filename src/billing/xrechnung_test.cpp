// SPDX-License-Identifier: EUPL-1.2
#include "billing/invoice_samples.h"
#include "billing/xrechnung.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fernamt::billing {
namespace {

using namespace samples;
using agreements::Tax;
using agreements::TaxCategory;

Document sample(Tax tax = {TaxCategory::not_taxable, 0, "§ 2b UStG"}) {
    Document document;
    document.number = "R2026-000001";
    document.municipality = kLangenhagen;
    document.period_from = {2026, 11, 1};
    document.period_to = {2026, 11, 30};
    document.issued_on = {2026, 12, 1};
    document.due_on = {2026, 12, 31};
    document.seller = centre();
    document.buyer = town();
    document.tax = std::move(tax);
    document.lines = {
        {"Gesprächsminuten",
         "20 Anrufe, 60,00 Minuten zu 0,95 €",
         {2026, 11, 1},
         {2026, 11, 30},
         Money{5'703}},
        {"Personalgestellung (Anrechnung)", "", {2026, 11, 1}, {2026, 11, 30}, Money{-1'200}},
        {"Korrektur 2026-10", "2 berichtigte Angaben", {2026, 10, 1}, {2026, 10, 31}, Money{475}}};
    document.notes = {"Umlage: 12,00 € sind durch die Umlage getragen."};
    document.ledger = {17, 90, std::string(64, 'b')};
    add_up(document);
    return document;
}

std::vector<std::string> broken(const std::string &xml) {
    std::vector<std::string> rules;
    for (const RuleFinding &finding : check_xrechnung(xml))
        rules.push_back(finding.rule);
    return rules;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(XRechnung, BreaksNoRuleInAnyTaxCategoryOrKind) {
    for (const Tax &tax : {Tax{TaxCategory::not_taxable, 0, "§ 2b UStG"},
                           Tax{TaxCategory::exempt, 0, "§ 4 Nr. 29 UStG"},
                           Tax{TaxCategory::standard, 19, "Option"}}) {
        for (const DocumentKind kind :
             {DocumentKind::invoice, DocumentKind::advance, DocumentKind::settlement,
              DocumentKind::credit_note, DocumentKind::cancellation}) {
            Document document = sample(tax);
            document.kind = kind;
            if (kind == DocumentKind::settlement) document.prepaid = Money{10'000};
            if (kind == DocumentKind::cancellation || kind == DocumentKind::credit_note) {
                document.refers_to = "R2026-000000";
                document.reason = "Probe";
            }
            add_up(document);
            const auto xml = to_xrechnung(document);
            ASSERT_TRUE(xml) << describe(xml.error());
            EXPECT_TRUE(broken(*xml).empty());
        }
    }
}

TEST(XRechnung, IsAnOfficialLookingDocument) {
    const auto xml = to_xrechnung(sample({TaxCategory::standard, 19, "Option"})).value();
    for (const std::string_view part :
         {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
          "<cbc:BuyerReference>03241001-1234512345-06</cbc:BuyerReference>",
          "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "<cbc:Percent>19</cbc:Percent>",
          "<cbc:EndpointID schemeID=\"0204\">03241001-1234512345-06</cbc:EndpointID>",
          "<cbc:TaxAmount currencyID=\"EUR\">9.46</cbc:TaxAmount>",
          "<cbc:PayableAmount currencyID=\"EUR\">59.24</cbc:PayableAmount>",
          "<cbc:InvoicedQuantity unitCode=\"C62\">-1</cbc:InvoicedQuantity>", "Gesprächsminuten",
          "Hauptbuch Eintrag 17 bis 90"}) {
        EXPECT_NE(xml.find(part), std::string::npos) << part << "\n" << xml;
    }
    EXPECT_EQ(xml, to_xrechnung(sample({TaxCategory::standard, 19, "Option"})).value());
}

TEST(XRechnung, FindsWhatIsFalsified) {
    const auto xml = to_xrechnung(sample()).value();
    const auto one = [](std::string rule) { return std::vector<std::string>{std::move(rule)}; };
    EXPECT_EQ(broken(replaced(xml, "<cbc:PayableAmount currencyID=\"EUR\">49.78",
                              "<cbc:PayableAmount currencyID=\"EUR\">49.79")),
              one("BR-CO-16"));
    EXPECT_EQ(
        broken(replaced(xml, "<cbc:BuyerReference>03241001-1234512345-06", "<cbc:BuyerReference>")),
        (std::vector<std::string>{"BR-DE-15", "PEPPOL-EN16931-R008"}));
    EXPECT_EQ(broken(replaced(xml, "xrechnung_3.0", "xrechnung_2.3")), one("BR-DE-21"));
    EXPECT_EQ(broken(replaced(xml, "<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>386")),
              (std::vector<std::string>{"BR-CL-01", "BR-DE-17"}));
    EXPECT_EQ(broken(replaced(xml, ">57.03<", ">57.04<")),
              (std::vector<std::string>{"BR-CO-10", "BR-O-08", "PEPPOL-EN16931-R120"}));
    EXPECT_EQ(broken(replaced(xml, "VATEX-EU-O", "")), one("PEPPOL-EN16931-R008"));
    const auto place = check_xrechnung(replaced(xml, "<cbc:Name>Gesprächsminuten", "<cbc:Name>"));
    ASSERT_EQ(place.size(), 2U); // and the empty element
    EXPECT_EQ(place[0].rule, "BR-25");
    EXPECT_EQ(place[0].place, "/ubl:Invoice/cac:InvoiceLine[1]");
}

// A category in one place only, a digit too many, an identifier without its country.
TEST(XRechnung, FindsCategoriesAndDecimalsThatDoNotFit) {
    const auto not_taxable = to_xrechnung(sample()).value();
    const auto standard = to_xrechnung(sample({TaxCategory::standard, 19, "Option"})).value();
    const auto exempt = to_xrechnung(sample({TaxCategory::exempt, 0, "§ 4 Nr. 29"})).value();
    const auto breaks = [](const std::string &xml, std::string_view rule) {
        const auto rules = broken(xml);
        return std::ranges::find(rules, rule) != rules.end();
    };
    // The first category stands in the breakdown, those of the lines follow.
    const auto in_first_line = [](std::string xml, std::string_view from, std::string_view to) {
        const auto line = xml.find("<cac:ClassifiedTaxCategory>");
        return xml.replace(xml.find(from, line), from.size(), to);
    };
    const std::string mixed = in_first_line(not_taxable, "<cbc:ID>O<", "<cbc:ID>E<");
    for (const char *rule : {"BR-O-08", "BR-O-12", "BR-E-01", "BR-E-02", "BR-E-05", "BR-E-08"})
        EXPECT_TRUE(breaks(mixed, rule)) << rule;
    EXPECT_TRUE(breaks(in_first_line(standard, "<cbc:ID>S<", "<cbc:ID>O<"), "BR-S-08"));
    EXPECT_TRUE(breaks(in_first_line(exempt, "<cbc:ID>E<", "<cbc:ID>S<"), "BR-S-01"));
    EXPECT_TRUE(breaks(in_first_line(exempt, "<cbc:ID>E<", "<cbc:ID>O<"), "BR-E-08"));
    const std::string two = replaced(
        not_taxable, "</cac:TaxSubtotal>",
        "</cac:TaxSubtotal><cac:TaxSubtotal><cbc:TaxableAmount>0.00</cbc:TaxableAmount>"
        "<cbc:TaxAmount>0.00</cbc:TaxAmount><cac:TaxCategory><cbc:ID>E</cbc:ID><cbc:Percent>0"
        "</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal>");
    EXPECT_TRUE(breaks(two, "BR-O-11"));
    for (const auto &[indicator, rule] :
         {std::pair{"false", "BR-O-13"}, std::pair{"true", "BR-O-14"}}) {
        const std::string charge = std::string{"<cac:AllowanceCharge><cbc:ChargeIndicator>"} +
                                   indicator +
                                   "</cbc:ChargeIndicator><cac:TaxCategory><cbc:ID>S</cbc:ID>"
                                   "</cac:TaxCategory></cac:AllowanceCharge><cac:TaxTotal>";
        EXPECT_TRUE(breaks(replaced(not_taxable, "<cac:TaxTotal>", charge), rule)) << rule;
    }
    EXPECT_TRUE(breaks(replaced(standard, "DE123456789", "123456789"), "BR-CO-09"));
    EXPECT_TRUE(breaks(replaced(standard, ">9.46<", ">9.48<"), "BR-CO-14"));
    const std::pair<std::string_view, std::string_view> places[] = {
        {"BR-DEC-09", "<cac:LegalMonetaryTotal>"}, {"BR-DEC-12", "<cbc:TaxExclusiveAmount"},
        {"BR-DEC-13", "<cac:TaxTotal>"},           {"BR-DEC-14", "<cbc:TaxInclusiveAmount"},
        {"BR-DEC-18", "<cbc:PayableAmount"},       {"BR-DEC-19", "<cbc:TaxableAmount"},
        {"BR-DEC-20", "<cac:TaxSubtotal>"},        {"BR-DEC-23", "<cac:InvoiceLine>"}};
    for (const auto &[rule, place] : places) {
        std::string xml = standard;
        const auto number = xml.find('.', xml.find("currencyID", xml.find(place)));
        if (rule == "BR-DEC-20") {
            const auto second = xml.find("<cbc:TaxAmount", xml.find(place));
            xml.insert(xml.find('.', second) + 3, "0");
        } else {
            xml.insert(number + 3, "0");
        }
        EXPECT_EQ(broken(xml), std::vector<std::string>{std::string{rule}});
    }
}

// What a town's typing and a code of another list would do to a document.
TEST(XRechnung, FindsAccountsAddressesPeriodsAndCodesThatAreNone) {
    const auto xml = to_xrechnung(sample({TaxCategory::standard, 19, "Option"})).value();
    const auto breaks = [&](std::string_view from, std::string_view to, std::string_view rule) {
        const auto rules = broken(replaced(xml, from, to));
        return std::ranges::find(rules, rule) != rules.end();
    };
    // Two digits changed places; a check digit; a small letter; another country is no mistake.
    for (const char *wrong : {"DE89370400440532013010", "DE88370400440532013000",
                              "de89370400440532013000", "DE8937040044053201300", "GB00"}) {
        EXPECT_TRUE(breaks("DE89370400440532013000", wrong, "BR-DE-19")) << wrong;
    }
    EXPECT_FALSE(breaks("DE89370400440532013000", "GB29NWBK60161331926819", "BR-DE-19"));
    for (const char *wrong : {"amt", "@regionsstadt.example", "amt@regionsstadt", "a@b@c.example",
                              "amt@.example", "amt@regionsstadt.", "a mt@regionsstadt.example"}) {
        EXPECT_TRUE(breaks("<cbc:ElectronicMail>kaemmerei@regionsstadt.example",
                           std::string("<cbc:ElectronicMail>") + wrong, "BR-DE-28"))
            << wrong;
    }
    EXPECT_TRUE(breaks("<cbc:ID>DE89370400440532013000</cbc:ID>", "", "BR-61"));
    EXPECT_TRUE(breaks("<cbc:ID>DE89370400440532013000</cbc:ID>", "", "BR-50"));
    EXPECT_TRUE(breaks(" schemeID=\"EM\"", "", "BR-62"));
    EXPECT_TRUE(breaks(" schemeID=\"0204\"", "", "BR-63"));
    EXPECT_TRUE(breaks("schemeID=\"0204\"", "schemeID=\"0000\"", "BR-CL-25"));
    EXPECT_TRUE(breaks("currencyID=\"EUR\"", "currencyID=\"DM\"", "BR-CL-03"));
    EXPECT_TRUE(
        breaks("<cbc:DocumentCurrencyCode>EUR", "<cbc:DocumentCurrencyCode>DM", "BR-CL-04"));
    EXPECT_TRUE(breaks("<cbc:IdentificationCode>DE", "<cbc:IdentificationCode>D", "BR-CL-14"));
    EXPECT_TRUE(breaks("<cbc:PaymentMeansCode>58", "<cbc:PaymentMeansCode>5", "BR-CL-16"));
    EXPECT_TRUE(breaks("unitCode=\"C62\"", "unitCode=\"Stück\"", "BR-CL-23"));
    EXPECT_TRUE(
        breaks("<cac:TaxCategory>\n    <cbc:ID>S", "<cac:TaxCategory>\n    <cbc:ID>X", "BR-CL-17"));
    EXPECT_TRUE(breaks("<cac:ClassifiedTaxCategory>\n    <cbc:ID>S",
                       "<cac:ClassifiedTaxCategory>\n    <cbc:ID>X", "BR-CL-18"));
    EXPECT_TRUE(breaks("</cac:TaxTotal>",
                       "</cac:TaxTotal><cac:TaxTotal><cac:TaxSubtotal/></cac:TaxTotal>",
                       "PEPPOL-EN16931-R053"));
    // The first period is the document's, the second its first line's.
    const auto line = xml.find("<cac:InvoiceLine>");
    const auto in_line = [&](std::string_view from, std::string_view to) {
        std::string changed = xml;
        return broken(changed.replace(changed.find(from, line), from.size(), to));
    };
    const auto has = [](const std::vector<std::string> &rules, std::string_view rule) {
        return std::ranges::find(rules, rule) != rules.end();
    };
    EXPECT_TRUE(has(in_line("<cbc:StartDate>2026-11-01", "<cbc:StartDate>2026-10-31"),
                    "PEPPOL-EN16931-R110"));
    EXPECT_TRUE(
        has(in_line("<cbc:EndDate>2026-11-30", "<cbc:EndDate>2026-12-01"), "PEPPOL-EN16931-R111"));
    EXPECT_TRUE(
        has(in_line("<cbc:StartDate>2026-11-01</cbc:StartDate>", ""), "PEPPOL-EN16931-R110"));
    const auto not_taxable = to_xrechnung(sample()).value();
    EXPECT_TRUE(has(broken(replaced(not_taxable, "VATEX-EU-O", "VATEX-EU-X")), "BR-CL-22"));
}

// An account number with two digits changed places is refused before the document is locked, and
// does not make one unreadable that was issued before anybody looked.
TEST(XRechnung, WhatIsOnlyAWarningStopsIssuingNotReading) {
    Document document = sample();
    document.seller.iban = "DE89370400440532013010";
    ASSERT_TRUE(to_xrechnung(document));
    const auto fits = fit_to_issue(document);
    ASSERT_FALSE(fits);
    EXPECT_EQ(fits.error().arguments.front().second, "BR-DE-19");
    EXPECT_TRUE(fit_to_issue(sample()));
}

// Blanks are no text: what a person leaves as a blank is found, whatever the element.
TEST(XRechnung, FindsElementsWithoutContent) {
    Document document = sample();
    document.lines[0].detail = " ";
    const auto xml = to_xrechnung(document);
    ASSERT_FALSE(xml);
    EXPECT_EQ(xml.error().arguments.front().second, "PEPPOL-EN16931-R008");
}

// Each piece of information that a rule demands, taken away.
TEST(XRechnung, RefusesToWriteWhatIsIncomplete) {
    const auto refused = [](auto &&change, Tax tax = {TaxCategory::not_taxable, 0, "§ 2b UStG"}) {
        Document document = sample(std::move(tax));
        change(document);
        const auto xml = to_xrechnung(document);
        return xml ? "written" : xml.error().arguments.front().second;
    };
    EXPECT_EQ(refused([](Document &d) { d.number.clear(); }), "BR-02");
    EXPECT_EQ(refused([](Document &d) { d.seller.name.clear(); }), "BR-06");
    EXPECT_EQ(refused([](Document &d) { d.buyer.city.clear(); }), "BR-DE-8");
    EXPECT_EQ(refused([](Document &d) { d.seller.phone = "keins"; }), "BR-DE-27");
    EXPECT_EQ(refused([](Document &d) { d.seller.email = "amt"; }), "BR-DE-28");
    EXPECT_EQ(refused([](Document &d) { d.seller.iban = "DE89"; }), "BR-DE-19");
    EXPECT_EQ(refused([](Document &d) { d.payable = Money{1}; }), "BR-CO-16");
    EXPECT_EQ(refused([](Document &d) { d.kind = DocumentKind::cancellation; }), "BR-DE-26");
    EXPECT_EQ(refused(
                  [](Document &d) {
                      d.seller.vat_id.clear();
                      d.seller.tax_number.clear();
                  },
                  Tax{TaxCategory::standard, 19, ""}),
              "BR-CO-26");
    EXPECT_EQ(refused([](Document &) {}, Tax{TaxCategory::exempt, 0, ""}), "BR-E-10");
}

TEST(XRechnung, WritesTextOfAnyKind) {
    Document document = sample();
    document.buyer.name = "Stadt <A> & \"B\" \x01 Größe";
    document.lines.clear();
    add_up(document);
    const auto xml = to_xrechnung(document);
    ASSERT_TRUE(xml) << describe(xml.error());
    EXPECT_NE(xml->find("Stadt &lt;A&gt; &amp;"), std::string::npos);
    EXPECT_NE(xml->find("Keine abrechenbaren Anrufe"), std::string::npos);
    document.lines = {
        {"viel", "", document.period_from, document.period_to, agreements::kHighestAmount}};
    add_up(document);
    EXPECT_NE(to_xrechnung(document)->find(">1000000000000.00<"), std::string::npos);
}

TEST(XRechnung, TakesNoEntitiesAndNoOtherFiles) {
    EXPECT_EQ(
        broken("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><Invoice>&e;</Invoice>"),
        std::vector<std::string>{"xml"});
    EXPECT_EQ(broken("<html/>"), std::vector<std::string>{"xml"});
    EXPECT_EQ(broken(""), std::vector<std::string>{"xml"});
    EXPECT_EQ(broken("<Invoice"), std::vector<std::string>{"xml"});
}

TEST(XRechnung, TheReferenceListsEveryRule) {
    std::ifstream file(FERNAMT_SOURCE_DIR "/docs/reference/xrechnung.md");
    std::ostringstream text;
    text << file.rdbuf();
    for (const std::string &rule : xrechnung_rules())
        EXPECT_NE(text.str().find("`" + rule + "`"), std::string::npos) << rule;
    EXPECT_GT(xrechnung_rules().size(), 70U);
}

} // namespace
} // namespace fernamt::billing
