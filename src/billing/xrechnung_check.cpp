// SPDX-License-Identifier: EUPL-1.2
// The rules as a table: id, the elements it looks at, and what must be true there, in XPath 1.0 by
// libxml2. Sums are compared in cents, because XPath computes in floating point.
#include "billing/xrechnung.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <array>
#include <memory>

namespace fernamt::billing {

namespace {

struct Rule {
    const char *id;
    const char *context; // "." is the document's root element
    const char *test;
    bool at_issue = false; // RuleFinding::at_issue
};

#define FERNAMT_TAX "cac:TaxTotal/cac:TaxSubtotal"
#define FERNAMT_SELLER "cac:AccountingSupplierParty/cac:Party"
#define FERNAMT_BUYER "cac:AccountingCustomerParty/cac:Party"
#define FERNAMT_LINES "cac:InvoiceLine|cac:CreditNoteLine"
#define FERNAMT_MONEY "cac:LegalMonetaryTotal"
#define FERNAMT_LINE_SUM                                                                           \
    "round(100 * (sum(cac:InvoiceLine/cbc:LineExtensionAmount) + "                                 \
    "sum(cac:CreditNoteLine/cbc:LineExtensionAmount)))"
// The net amounts of all lines of a VAT category, in cents.
#define FERNAMT_LINES_OF(category)                                                                 \
    "round(100 * (sum(/*/cac:InvoiceLine[cac:Item/cac:ClassifiedTaxCategory/cbc:ID = '" category   \
    "']/cbc:LineExtensionAmount) + "                                                               \
    "sum(/*/cac:CreditNoteLine[cac:Item/cac:ClassifiedTaxCategory/cbc:ID = '" category             \
    "']/cbc:LineExtensionAmount)))"
#define FERNAMT_BASE_OF(category)                                                                  \
    "round(100 * sum(" FERNAMT_TAX "[cac:TaxCategory/cbc:ID = '" category                          \
    "']/cbc:TaxableAmount)) = " FERNAMT_LINES_OF(category)
#define FERNAMT_TWO_DECIMALS "string-length(substring-after(., '.')) <= 2"
#define FERNAMT_FILLED(path) "string-length(normalize-space(" path ")) > 0"

constexpr auto kRules = std::to_array<Rule>({
    // EN 16931: what must be there
    {"BR-01", ".", FERNAMT_FILLED("cbc:CustomizationID")},
    {"BR-02", ".", FERNAMT_FILLED("cbc:ID")},
    {"BR-03", ".", FERNAMT_FILLED("cbc:IssueDate")},
    {"BR-04", ".", FERNAMT_FILLED("cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode")},
    {"BR-05", ".", "cbc:DocumentCurrencyCode = 'EUR'"},
    {"BR-06", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:PartyLegalEntity/cbc:RegistrationName")},
    {"BR-07", ".", FERNAMT_FILLED(FERNAMT_BUYER "/cac:PartyLegalEntity/cbc:RegistrationName")},
    {"BR-08", ".", FERNAMT_SELLER "/cac:PostalAddress"},
    {"BR-09", ".",
     FERNAMT_FILLED(FERNAMT_SELLER "/cac:PostalAddress/cac:Country/cbc:IdentificationCode")},
    {"BR-10", ".", FERNAMT_BUYER "/cac:PostalAddress"},
    {"BR-11", ".",
     FERNAMT_FILLED(FERNAMT_BUYER "/cac:PostalAddress/cac:Country/cbc:IdentificationCode")},
    {"BR-12", ".", FERNAMT_FILLED(FERNAMT_MONEY "/cbc:LineExtensionAmount")},
    {"BR-13", ".", FERNAMT_FILLED(FERNAMT_MONEY "/cbc:TaxExclusiveAmount")},
    {"BR-14", ".", FERNAMT_FILLED(FERNAMT_MONEY "/cbc:TaxInclusiveAmount")},
    {"BR-15", ".", FERNAMT_FILLED(FERNAMT_MONEY "/cbc:PayableAmount")},
    {"BR-16", ".", "cac:InvoiceLine or cac:CreditNoteLine"},
    {"BR-21", FERNAMT_LINES, FERNAMT_FILLED("cbc:ID")},
    {"BR-22", FERNAMT_LINES, FERNAMT_FILLED("cbc:InvoicedQuantity|cbc:CreditedQuantity")},
    {"BR-23", FERNAMT_LINES, "cbc:InvoicedQuantity/@unitCode or cbc:CreditedQuantity/@unitCode"},
    {"BR-24", FERNAMT_LINES, FERNAMT_FILLED("cbc:LineExtensionAmount")},
    {"BR-25", FERNAMT_LINES, FERNAMT_FILLED("cac:Item/cbc:Name")},
    {"BR-26", FERNAMT_LINES, FERNAMT_FILLED("cac:Price/cbc:PriceAmount")},
    {"BR-27", FERNAMT_LINES, "cac:Price/cbc:PriceAmount >= 0"},
    {"BR-29", "cac:InvoicePeriod",
     "translate(cbc:EndDate, '-', '') >= translate(cbc:StartDate, '-', '')"},
    {"BR-30", "cac:InvoiceLine/cac:InvoicePeriod|cac:CreditNoteLine/cac:InvoicePeriod",
     "translate(cbc:EndDate, '-', '') >= translate(cbc:StartDate, '-', '')"},
    {"BR-45", FERNAMT_TAX, FERNAMT_FILLED("cbc:TaxableAmount")},
    {"BR-46", FERNAMT_TAX, FERNAMT_FILLED("cbc:TaxAmount")},
    {"BR-47", FERNAMT_TAX, FERNAMT_FILLED("cac:TaxCategory/cbc:ID")},
    {"BR-48", FERNAMT_TAX, "cac:TaxCategory/cbc:Percent or cac:TaxCategory/cbc:ID = 'O'"},
    {"BR-49", "cac:PaymentMeans", FERNAMT_FILLED("cbc:PaymentMeansCode")},
    {"BR-50", "cac:PaymentMeans/cac:PayeeFinancialAccount", FERNAMT_FILLED("cbc:ID")},
    {"BR-55", "cac:BillingReference", FERNAMT_FILLED("cac:InvoiceDocumentReference/cbc:ID")},
    {"BR-61", "cac:PaymentMeans[cbc:PaymentMeansCode = '30' or cbc:PaymentMeansCode = '58']",
     FERNAMT_FILLED("cac:PayeeFinancialAccount/cbc:ID")},
    {"BR-62", FERNAMT_SELLER "/cbc:EndpointID", FERNAMT_FILLED("@schemeID")},
    {"BR-63", FERNAMT_BUYER "/cbc:EndpointID", FERNAMT_FILLED("@schemeID")},
    // EN 16931: what must fit
    {"BR-CO-04", FERNAMT_LINES, FERNAMT_FILLED("cac:Item/cac:ClassifiedTaxCategory/cbc:ID")},
    // Identifiers of sellers and buyers; a tax number ('FC') has no country.
    {"BR-CO-09", "//cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT']/cbc:CompanyID",
     "string-length(.) > 2 and contains(' AT BE BG CY CZ DE DK EE EL ES FI FR GB HR HU IE IT LT LU "
     "LV MT NL PL PT RO SE SI SK XI CH LI NO ', concat(' ', substring(., 1, 2), ' '))"},
    {"BR-CO-10", ".", "round(100 * " FERNAMT_MONEY "/cbc:LineExtensionAmount) = " FERNAMT_LINE_SUM},
    {"BR-CO-13", ".",
     "round(100 * " FERNAMT_MONEY "/cbc:TaxExclusiveAmount) = round(100 * " FERNAMT_MONEY
     "/cbc:LineExtensionAmount)"},
    {"BR-CO-14", ".",
     "round(100 * cac:TaxTotal/cbc:TaxAmount) = round(100 * sum(" FERNAMT_TAX "/cbc:TaxAmount))"},
    {"BR-CO-15", ".",
     "round(100 * " FERNAMT_MONEY "/cbc:TaxInclusiveAmount) = round(100 * (" FERNAMT_MONEY
     "/cbc:TaxExclusiveAmount + cac:TaxTotal/cbc:TaxAmount))"},
    {"BR-CO-16", ".",
     "round(100 * " FERNAMT_MONEY "/cbc:PayableAmount) = round(100 * (" FERNAMT_MONEY
     "/cbc:TaxInclusiveAmount - sum(" FERNAMT_MONEY "/cbc:PrepaidAmount)))"},
    // Within one cent: the sign of a half is the writer's (BR-CO-17 tolerates it as well).
    {"BR-CO-17", FERNAMT_TAX,
     "(100 * cbc:TaxAmount - cbc:TaxableAmount * sum(cac:TaxCategory/cbc:Percent) <= 1.0001) and "
     "(cbc:TaxableAmount * sum(cac:TaxCategory/cbc:Percent) - 100 * cbc:TaxAmount <= 1.0001)"},
    {"BR-CO-18", ".", FERNAMT_TAX},
    {"BR-CO-19", "cac:InvoicePeriod", "cbc:StartDate or cbc:EndDate"},
    {"BR-CO-20", "(" FERNAMT_LINES ")/cac:InvoicePeriod", "cbc:StartDate or cbc:EndDate"},
    {"BR-CO-25", ".[" FERNAMT_MONEY "/cbc:PayableAmount > 0]",
     "cbc:DueDate or " FERNAMT_FILLED("cac:PaymentTerms/cbc:Note")},
    {"BR-CO-26", ".",
     FERNAMT_SELLER "/cac:PartyIdentification/cbc:ID or " FERNAMT_SELLER
                    "/cac:PartyLegalEntity/cbc:CompanyID or " FERNAMT_SELLER
                    "/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT']/cbc:CompanyID"},
    {"BR-DEC-09", FERNAMT_MONEY "/cbc:LineExtensionAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-10", FERNAMT_MONEY "/cbc:AllowanceTotalAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-11", FERNAMT_MONEY "/cbc:ChargeTotalAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-12", FERNAMT_MONEY "/cbc:TaxExclusiveAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-13", "cac:TaxTotal/cbc:TaxAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-14", FERNAMT_MONEY "/cbc:TaxInclusiveAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-16", FERNAMT_MONEY "/cbc:PrepaidAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-17", FERNAMT_MONEY "/cbc:PayableRoundingAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-18", FERNAMT_MONEY "/cbc:PayableAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-19", FERNAMT_TAX "/cbc:TaxableAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-20", FERNAMT_TAX "/cbc:TaxAmount", FERNAMT_TWO_DECIMALS},
    {"BR-DEC-23", "(" FERNAMT_LINES ")/cbc:LineExtensionAmount", FERNAMT_TWO_DECIMALS},
    {"BR-CL-01", ".",
     "contains(' 326 380 381 384 ', concat(' ', cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode, ' "
     "'))"},
    // Code lists: those of their values that Fernamt writes.
    {"BR-CL-03", "//*[@currencyID]", "@currencyID = 'EUR'"},
    {"BR-CL-04", "cbc:DocumentCurrencyCode", ". = 'EUR'"},
    {"BR-CL-14", "//cac:Country/cbc:IdentificationCode", ". = 'DE'"},
    {"BR-CL-16", "cac:PaymentMeans/cbc:PaymentMeansCode", ". = '58'"},
    {"BR-CL-17", "//cac:TaxCategory/cbc:ID", ". = 'O' or . = 'E' or . = 'S'"},
    {"BR-CL-18", "//cac:ClassifiedTaxCategory/cbc:ID", ". = 'O' or . = 'E' or . = 'S'"},
    {"BR-CL-22", "//cac:TaxCategory/cbc:TaxExemptionReasonCode[normalize-space(.)]",
     ". = 'VATEX-EU-O'"},
    {"BR-CL-23", "(" FERNAMT_LINES ")/*[@unitCode]", "@unitCode = 'C62'"},
    {"BR-CL-25", "//cbc:EndpointID[@schemeID]", "@schemeID = 'EM' or @schemeID = '0204'"},
    // EN 16931: the categories of VAT
    {"BR-O-01", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']", "count(" FERNAMT_TAX ") = 1"},
    {"BR-O-02", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']",
     "not(" FERNAMT_SELLER "/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID = 'VAT'])"},
    {"BR-O-05", "(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory[cbc:ID = 'O']",
     "not(cbc:Percent)"},
    {"BR-O-08", ".", FERNAMT_BASE_OF("O")},
    {"BR-O-09", FERNAMT_TAX "[cac:TaxCategory/cbc:ID = 'O']", "number(cbc:TaxAmount) = 0"},
    {"BR-O-10", FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'O']",
     "cbc:TaxExemptionReason or cbc:TaxExemptionReasonCode"},
    {"BR-O-11", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']",
     "not(" FERNAMT_TAX "/cac:TaxCategory[cbc:ID != 'O'])"},
    {"BR-O-12", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']",
     "not((" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory[cbc:ID != 'O'])"},
    {"BR-O-13", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']",
     "not(cac:AllowanceCharge[cbc:ChargeIndicator = 'false']/cac:TaxCategory[cbc:ID != 'O'])"},
    {"BR-O-14", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'O']",
     "not(cac:AllowanceCharge[cbc:ChargeIndicator = 'true']/cac:TaxCategory[cbc:ID != 'O'])"},
    {"BR-E-01", ".[(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory/cbc:ID = 'E']",
     "count(" FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'E']) = 1"},
    {"BR-E-02", ".[(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory/cbc:ID = 'E']",
     FERNAMT_SELLER "/cac:PartyTaxScheme/cbc:CompanyID"},
    {"BR-E-05", "(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory[cbc:ID = 'E']",
     "number(cbc:Percent) = 0"},
    {"BR-E-08", ".", FERNAMT_BASE_OF("E")},
    {"BR-E-09", FERNAMT_TAX "[cac:TaxCategory/cbc:ID = 'E']", "number(cbc:TaxAmount) = 0"},
    {"BR-E-10", FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'E']",
     "cbc:TaxExemptionReason or cbc:TaxExemptionReasonCode"},
    {"BR-S-01", ".[(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory/cbc:ID = 'S']",
     FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'S']"},
    {"BR-S-02", ".[" FERNAMT_TAX "/cac:TaxCategory/cbc:ID = 'S']",
     FERNAMT_SELLER "/cac:PartyTaxScheme/cbc:CompanyID"},
    {"BR-S-05", "(" FERNAMT_LINES ")/cac:Item/cac:ClassifiedTaxCategory[cbc:ID = 'S']",
     "cbc:Percent > 0"},
    {"BR-S-08", ".", FERNAMT_BASE_OF("S")},
    {"BR-S-09", FERNAMT_TAX "[cac:TaxCategory/cbc:ID = 'S']",
     "(100 * cbc:TaxAmount - cbc:TaxableAmount * cac:TaxCategory/cbc:Percent <= 1.0001) and "
     "(cbc:TaxableAmount * cac:TaxCategory/cbc:Percent - 100 * cbc:TaxAmount <= 1.0001)"},
    {"BR-S-10", FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'S']",
     "not(cbc:TaxExemptionReason) and not(cbc:TaxExemptionReasonCode)"},
    // XRechnung 3.0
    {"BR-DE-1", ".", "cac:PaymentMeans"},
    {"BR-DE-2", ".", FERNAMT_SELLER "/cac:Contact"},
    {"BR-DE-3", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:PostalAddress/cbc:CityName")},
    {"BR-DE-4", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:PostalAddress/cbc:PostalZone")},
    {"BR-DE-5", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:Contact/cbc:Name")},
    {"BR-DE-6", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:Contact/cbc:Telephone")},
    {"BR-DE-7", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cac:Contact/cbc:ElectronicMail")},
    {"BR-DE-8", ".", FERNAMT_FILLED(FERNAMT_BUYER "/cac:PostalAddress/cbc:CityName")},
    {"BR-DE-9", ".", FERNAMT_FILLED(FERNAMT_BUYER "/cac:PostalAddress/cbc:PostalZone")},
    {"BR-DE-14", FERNAMT_TAX "/cac:TaxCategory", FERNAMT_FILLED("cbc:Percent")},
    {"BR-DE-15", ".", FERNAMT_FILLED("cbc:BuyerReference")},
    {"BR-DE-16", ".[" FERNAMT_TAX "/cac:TaxCategory[cbc:ID = 'S' or cbc:ID = 'E']]",
     FERNAMT_SELLER "/cac:PartyTaxScheme/cbc:CompanyID"},
    {"BR-DE-17", ".",
     "contains(' 326 380 381 384 ', concat(' ', cbc:InvoiceTypeCode|cbc:CreditNoteTypeCode, ' "
     "'))"},
    {"BR-DE-21", ".",
     "cbc:CustomizationID = "
     "'urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0'"},
    {"BR-DE-23-a", "cac:PaymentMeans[cbc:PaymentMeansCode = '58']", "cac:PayeeFinancialAccount"},
    {"BR-DE-19", "cac:PaymentMeans[cbc:PaymentMeansCode = '58']/cac:PayeeFinancialAccount",
     "string-length(cbc:ID) >= 15 and string-length(cbc:ID) <= 34 and not(contains(cbc:ID, ' '))"},
    {"BR-DE-19", "cac:PaymentMeans[cbc:PaymentMeansCode = '58']/cac:PayeeFinancialAccount",
     "iban(cbc:ID)", true},
    {"BR-DE-26", ".[cbc:InvoiceTypeCode = '384']", "cac:BillingReference"},
    {"BR-DE-27", ".",
     "string-length(translate(" FERNAMT_SELLER
     "/cac:Contact/cbc:Telephone, translate(" FERNAMT_SELLER
     "/cac:Contact/cbc:Telephone, '0123456789', ''), '')) >= 3"},
    {"BR-DE-28", FERNAMT_SELLER "/cac:Contact/cbc:ElectronicMail",
     "contains(., '@') and string-length(substring-before(., '@')) >= 2 and "
     "string-length(substring-after(., '@')) >= 2 and not(contains(substring-after(., '@'), '@'))"},
    {"BR-DE-28", FERNAMT_SELLER "/cac:Contact/cbc:ElectronicMail", "mail(.)", true},
    {"BR-DE-TMP-32", ".", "cac:Delivery/cbc:ActualDeliveryDate or cac:InvoicePeriod"},
    {"PEPPOL-EN16931-R001", ".", FERNAMT_FILLED("cbc:ProfileID")},
    {"PEPPOL-EN16931-R008", "//*[not(*)]", FERNAMT_FILLED(".")},
    {"PEPPOL-EN16931-R010", ".", FERNAMT_FILLED(FERNAMT_BUYER "/cbc:EndpointID")},
    {"PEPPOL-EN16931-R020", ".", FERNAMT_FILLED(FERNAMT_SELLER "/cbc:EndpointID")},
    {"PEPPOL-EN16931-R053", ".", "count(cac:TaxTotal[cac:TaxSubtotal]) = 1"},
    {"PEPPOL-EN16931-R110", "(" FERNAMT_LINES ")/cac:InvoicePeriod[/*/cac:InvoicePeriod]",
     "translate(cbc:StartDate, '-', '') >= translate(/*/cac:InvoicePeriod/cbc:StartDate, '-', '')"},
    {"PEPPOL-EN16931-R111", "(" FERNAMT_LINES ")/cac:InvoicePeriod[/*/cac:InvoicePeriod]",
     "translate(cbc:EndDate, '-', '') <= translate(/*/cac:InvoicePeriod/cbc:EndDate, '-', '')"},
    {"PEPPOL-EN16931-R120", FERNAMT_LINES,
     "round(100 * cbc:LineExtensionAmount) = round(100 * "
     "(cbc:InvoicedQuantity|cbc:CreditedQuantity)"
     " * cac:Price/cbc:PriceAmount)"},
});

struct FreeDocument {
    void operator()(xmlDoc *document) const { xmlFreeDoc(document); }
};
struct FreeContext {
    void operator()(xmlXPathContext *context) const { xmlXPathFreeContext(context); }
};
struct FreeObject {
    void operator()(xmlXPathObject *object) const { xmlXPathFreeObject(object); }
};
using XPathObject = std::unique_ptr<xmlXPathObject, FreeObject>;

const xmlChar *xml(const char *text) {
    return reinterpret_cast<const xmlChar *>(text);
}

// ISO 13616: country, two check digits, up to 30 letters and digits; read with the first four at
// the end and letters as 10 to 35, the number is 1 modulo 97.
bool is_iban(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (text.size() < 15 || text.size() > 34) return false;
    if (!upper(text[0]) || !upper(text[1]) || !digit(text[2]) || !digit(text[3])) return false;
    const std::string turned = std::string{text.substr(4)} + std::string{text.substr(0, 4)};
    int rest = 0;
    for (const char c : turned) {
        if (!digit(c) && !upper(c)) return false;
        const int value = digit(c) ? c - '0' : c - 'A' + 10;
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

// One @, nothing empty around it, a domain of at least two parts, no blanks (BR-DE-28).
bool is_mail(std::string_view text) {
    const auto at = text.find('@');
    if (at == 0 || at == std::string_view::npos) return false;
    if (text.find_first_of(" \t\r\n") != std::string_view::npos) return false;
    const std::string_view domain = text.substr(at + 1);
    if (domain.find('@') != std::string_view::npos) return false;
    const bool parts_empty = domain.empty() || domain.front() == '.' || domain.back() == '.' ||
                             domain.find("..") != std::string_view::npos;
    return !parts_empty && domain.find('.') != std::string_view::npos;
}

// A check of one text as a function that the rules may call.
template <bool (*check)(std::string_view)>
void text_function(xmlXPathParserContext *context, int arguments) {
    if (arguments != 1) {
        xmlXPathErr(context, XPATH_INVALID_ARITY);
        return;
    }
    xmlChar *text = xmlXPathPopString(context);
    const bool good = text != nullptr && check(reinterpret_cast<const char *>(text));
    xmlFree(text);
    valuePush(context, xmlXPathNewBoolean(good ? 1 : 0));
}

class Checker {
  public:
    explicit Checker(xmlDoc *document)
        : root_(xmlDocGetRootElement(document)), context_(xmlXPathNewContext(document)) {
        xmlXPathRegisterNs(context_.get(), xml("cac"),
                           xml("urn:oasis:names:specification:ubl:schema:xsd:"
                               "CommonAggregateComponents-2"));
        xmlXPathRegisterNs(context_.get(), xml("cbc"),
                           xml("urn:oasis:names:specification:ubl:schema:xsd:"
                               "CommonBasicComponents-2"));
        xmlXPathRegisterFunc(context_.get(), xml("iban"), text_function<is_iban>);
        xmlXPathRegisterFunc(context_.get(), xml("mail"), text_function<is_mail>);
    }

    void check(const Rule &rule, std::vector<RuleFinding> &findings) {
        const XPathObject nodes = evaluate(rule.context, root_);
        if (!nodes || nodes->type != XPATH_NODESET) {
            findings.push_back({rule.id, "rule"}); // a defect of the table: never silent
            return;
        }
        const int count = nodes->nodesetval == nullptr ? 0 : nodes->nodesetval->nodeNr;
        for (int i = 0; i < count; ++i) {
            xmlNode *node = nodes->nodesetval->nodeTab[i];
            const XPathObject result = evaluate(rule.test, node);
            if (result && xmlXPathCastToBoolean(result.get()) == 1) continue;
            findings.push_back({rule.id, place_of(node), rule.at_issue});
        }
    }

  private:
    XPathObject evaluate(const char *expression, xmlNode *node) {
        // "." with a condition is no XPath 1.0; "self::*" with one is.
        const std::string text = expression[0] == '.' ? fmt::format("self::*{}", expression + 1)
                                                      : std::string{expression};
        return XPathObject{xmlXPathNodeEval(node, xml(text.c_str()), context_.get())};
    }
    static std::string place_of(xmlNode *node) {
        xmlChar *path = xmlGetNodePath(node);
        std::string text = path == nullptr ? "" : reinterpret_cast<const char *>(path);
        xmlFree(path);
        return text;
    }

    xmlNode *root_;
    std::unique_ptr<xmlXPathContext, FreeContext> context_;
};

bool is_root(const xmlNode *root, const char *name) {
    return root != nullptr && xmlStrcmp(root->name, xml(name)) == 0;
}

} // namespace

std::vector<RuleFinding> check_xrechnung(std::string_view text) {
    // No network, no entities, no DTD: what comes from outside stays data.
    const std::unique_ptr<xmlDoc, FreeDocument> document{
        xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)};
    if (!document || document->intSubset != nullptr) return {{"xml", ""}};
    const xmlNode *root = xmlDocGetRootElement(document.get());
    if (!is_root(root, "Invoice") && !is_root(root, "CreditNote")) return {{"xml", ""}};
    std::vector<RuleFinding> findings;
    Checker checker(document.get());
    for (const Rule &rule : kRules)
        checker.check(rule, findings);
    return findings;
}

std::vector<std::string> xrechnung_rules() {
    std::vector<std::string> ids;
    for (const Rule &rule : kRules)
        ids.emplace_back(rule.id);
    return ids;
}

} // namespace fernamt::billing
