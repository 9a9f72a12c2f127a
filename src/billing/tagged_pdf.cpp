// SPDX-License-Identifier: EUPL-1.2
#define POINTERHOLDER_TRANSITION 4 // qpdf 11: shared_ptr instead of its own holder

#include "billing/tagged_pdf.h"

#include "billing/pdf_fonts.h"

#include <fmt/format.h>
#include <hb-subset.h>
#include <hb.h>
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include <array>
#include <map>
#include <span>
#include <vector>

namespace fernamt::billing {

namespace {

using Object = QPDFObjectHandle;

constexpr double kPoints = 72.0 / 25.4; // in a millimetre

std::string number(double value) {
    return fmt::format("{:.3f}", value);
}

// Code points of UTF-8; what is broken or a control character is left out.
std::vector<char32_t> code_points(std::string_view text) {
    std::vector<char32_t> points;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = length == 1   ? lead
                         : length == 2 ? lead & 0x1FU
                         : length == 3 ? lead & 0x0FU
                                       : lead & 0x07U;
        if (i + length > text.size()) break;
        for (std::size_t next = 1; next < length; ++next)
            point = point << 6U | (static_cast<unsigned char>(text[i + next]) & 0x3FU);
        i += length;
        if (point >= 0x20 && point != 0x7F) points.push_back(point);
    }
    return points;
}

// One font file: which glyph a character has, how wide it is, and the subset of what was used.
class FontFile {
  public:
    explicit FontFile(std::span<const char> bytes)
        : blob_(hb_blob_create(bytes.data(), static_cast<unsigned>(bytes.size()),
                               HB_MEMORY_MODE_READONLY, nullptr, nullptr)),
          face_(hb_face_create(blob_, 0)), font_(hb_font_create(face_)),
          units_(hb_face_get_upem(face_)) {}
    ~FontFile() {
        hb_font_destroy(font_);
        hb_face_destroy(face_);
        hb_blob_destroy(blob_);
    }
    FontFile(const FontFile &) = delete;
    FontFile &operator=(const FontFile &) = delete;

    [[nodiscard]] hb_codepoint_t glyph(char32_t point) const {
        hb_codepoint_t glyph = 0;
        if (hb_font_get_nominal_glyph(font_, point, &glyph) != 0) return glyph;
        (void)hb_font_get_nominal_glyph(font_, U'?', &glyph);
        return glyph;
    }
    [[nodiscard]] double advance(hb_codepoint_t glyph) const { // thousandths of the size
        return hb_font_get_glyph_h_advance(font_, glyph) * 1000.0 / units_;
    }
    [[nodiscard]] std::string subset(const std::map<hb_codepoint_t, char32_t> &used) const {
        hb_subset_input_t *input = hb_subset_input_create_or_fail();
        if (input == nullptr) return {};
        hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_RETAIN_GIDS | HB_SUBSET_FLAGS_NO_HINTING);
        hb_set_t *glyphs = hb_subset_input_glyph_set(input);
        hb_set_add(glyphs, 0);
        for (const auto &[glyph, point] : used)
            hb_set_add(glyphs, glyph);
        hb_set_t *dropped = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
        for (const char *table : {"GSUB", "GPOS", "GDEF", "kern", "name", "post"})
            hb_set_add(dropped, hb_tag_from_string(table, 4));
        hb_face_t *face = hb_subset_or_fail(face_, input);
        hb_subset_input_destroy(input);
        if (face == nullptr) return {};
        hb_blob_t *blob = hb_face_reference_blob(face);
        unsigned length = 0;
        const char *data = hb_blob_get_data(blob, &length);
        std::string bytes(data, length);
        hb_blob_destroy(blob);
        hb_face_destroy(face);
        return bytes;
    }

  private:
    hb_blob_t *blob_;
    hb_face_t *face_;
    hb_font_t *font_;
    unsigned units_;
};

const FontFile &font_of(Face face) {
    static const FontFile regular(font_regular());
    static const FontFile bold(font_bold());
    return face == Face::bold ? bold : regular;
}

std::string hex16(char32_t point) { // UTF-16BE
    if (point < 0x10000) return fmt::format("{:04X}", static_cast<std::uint32_t>(point));
    const auto rest = static_cast<std::uint32_t>(point) - 0x10000;
    return fmt::format("{:04X}{:04X}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
}

std::string to_unicode(const std::map<hb_codepoint_t, char32_t> &used) {
    std::string map = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                      "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                      "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                      "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
    auto at = used.begin();
    while (at != used.end()) { // at most 100 in a block
        const auto block = std::min<std::ptrdiff_t>(100, std::distance(at, used.end()));
        map += fmt::format("{} beginbfchar\n", block);
        for (std::ptrdiff_t i = 0; i < block; ++i, ++at)
            map += fmt::format("<{:04X}> <{}>\n", at->first, hex16(at->second));
        map += "endbfchar\n";
    }
    return map + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
}

std::string escaped(std::string_view text) { // XML
    std::string out;
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else {
            out += c;
        }
    }
    return out;
}

Object name(std::string_view text) {
    return Object::newName("/" + std::string(text));
}

Object box(std::initializer_list<double> values) {
    Object array = Object::newArray();
    for (const double value : values)
        array.appendItem(Object::newReal(value, 2));
    return array;
}

struct Kid {
    int node = -1; // or
    int page = -1;
    int mcid = -1;
};
struct Node {
    std::string type;
    std::string scope;
    std::vector<Kid> kids;
    Object object;
};
struct Page {
    std::string content;
    std::vector<int> nodes; // by MCID
};

} // namespace

struct TaggedPdf::Impl {
    PdfDetails details;
    std::vector<Page> pages;
    std::size_t current = 0;
    std::vector<Node> nodes{{"Document", {}, {}, {}}};
    std::vector<int> path{0};
    bool artifacts = false;
    std::array<std::map<hb_codepoint_t, char32_t>, 2> used; // by face
    QPDF pdf;

    Object font(Face face) {
        const FontFile &file = font_of(face);
        const auto &glyphs = used.at(static_cast<std::size_t>(face));
        const bool bold = face == Face::bold;
        const std::string base = bold ? "FERNAB+LiberationSans-Bold" : "FERNAR+LiberationSans";
        Object data = Object::newStream(&pdf, file.subset(glyphs));
        Object descriptor = Object::parse(fmt::format(
            "<< /Type /FontDescriptor /FontName /{} /Flags 32 /FontBBox [-544 -303 1302 980] "
            "/ItalicAngle 0 /Ascent 905 /Descent -212 /CapHeight 729 /StemV {} >>",
            base, bold ? 120 : 80));
        descriptor.replaceKey("/FontFile2", data);
        Object widths = Object::newArray();
        for (const auto &[glyph, point] : glyphs) {
            widths.appendItem(Object::newInteger(glyph));
            Object one = Object::newArray();
            one.appendItem(Object::newReal(file.advance(glyph), 3));
            widths.appendItem(one);
        }
        Object cid = Object::parse(fmt::format(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{} /CIDToGIDMap /Identity /DW 1000 "
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
            base));
        cid.replaceKey("/W", widths);
        cid.replaceKey("/FontDescriptor", pdf.makeIndirectObject(descriptor));
        Object font = Object::parse(fmt::format(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{} /Encoding /Identity-H >>", base));
        Object descendants = Object::newArray();
        descendants.appendItem(pdf.makeIndirectObject(cid));
        font.replaceKey("/DescendantFonts", descendants);
        font.replaceKey("/ToUnicode", Object::newStream(&pdf, to_unicode(glyphs)));
        return pdf.makeIndirectObject(font);
    }

    std::vector<Object> write_pages() {
        Object fonts = Object::newDictionary();
        if (!used[0].empty()) fonts.replaceKey("/F0", font(Face::regular));
        if (!used[1].empty()) fonts.replaceKey("/F1", font(Face::bold));
        Object resources = Object::newDictionary();
        resources.replaceKey("/Font", fonts);
        resources = pdf.makeIndirectObject(resources);
        QPDFPageDocumentHelper helper(pdf);
        for (std::size_t i = 0; i < pages.size(); ++i) {
            Object page = Object::newDictionary();
            page.replaceKey("/Type", name("Page"));
            page.replaceKey("/MediaBox", box({0, 0, kWidth * kPoints, kHeight * kPoints}));
            page.replaceKey("/Resources", resources);
            page.replaceKey("/Contents", Object::newStream(&pdf, pages[i].content));
            page.replaceKey("/StructParents", Object::newInteger(static_cast<long long>(i)));
            page.replaceKey("/Tabs", name("S")); // by structure
            helper.addPage(pdf.makeIndirectObject(page), false);
        }
        std::vector<Object> written;
        for (auto &page : helper.getAllPages())
            written.push_back(page.getObjectHandle());
        return written;
    }

    // What an element holds on one page alone is named by number, the page once (ISO 32000-1,
    // 14.7.4.2); /Type may be left out. A long list has ten thousand elements: each object counts.
    void write_node(std::size_t index, const Object &parent, const std::vector<Object> &on) {
        Node &node = nodes[index];
        node.object.replaceKey("/S", name(node.type));
        node.object.replaceKey("/P", parent);
        if (!node.scope.empty()) {
            node.object.replaceKey(
                "/A", Object::parse(fmt::format("<< /O /Table /Scope /{} >>", node.scope)));
        }
        const int page = only_page(node);
        if (page >= 0) node.object.replaceKey("/Pg", on[static_cast<std::size_t>(page)]);
        std::vector<Object> kids;
        for (const Kid &kid : node.kids) {
            if (kid.node >= 0) {
                kids.push_back(nodes[static_cast<std::size_t>(kid.node)].object);
                write_node(static_cast<std::size_t>(kid.node), node.object, on);
                continue;
            }
            kids.push_back(page >= 0 ? Object::newInteger(kid.mcid) : content_of(kid, on));
        }
        node.object.replaceKey("/K", kids.size() == 1 ? kids.front() : Object::newArray(kids));
    }

    // The page of all that stands in it directly; -1 if there is nothing, or on several.
    static int only_page(const Node &node) {
        int page = -1;
        for (const Kid &kid : node.kids) {
            if (kid.node >= 0) continue;
            if (page >= 0 && page != kid.page) return -1;
            page = kid.page;
        }
        return page;
    }

    static Object content_of(const Kid &kid, const std::vector<Object> &on) {
        Object content = Object::newDictionary();
        content.replaceKey("/Type", name("MCR"));
        content.replaceKey("/Pg", on[static_cast<std::size_t>(kid.page)]);
        content.replaceKey("/MCID", Object::newInteger(kid.mcid));
        return content;
    }

    void write_structure(const std::vector<Object> &on) {
        for (Node &node : nodes)
            node.object = pdf.makeIndirectObject(Object::newDictionary());
        Object root = pdf.makeIndirectObject(Object::newDictionary());
        write_node(0, root, on);
        Object numbers = Object::newArray();
        for (std::size_t i = 0; i < pages.size(); ++i) {
            Object parents = Object::newArray();
            for (const int node : pages[i].nodes)
                parents.appendItem(nodes[static_cast<std::size_t>(node)].object);
            numbers.appendItem(Object::newInteger(static_cast<long long>(i)));
            numbers.appendItem(pdf.makeIndirectObject(parents));
        }
        Object tree = Object::newDictionary();
        tree.replaceKey("/Nums", numbers);
        root.replaceKey("/Type", name("StructTreeRoot"));
        root.replaceKey("/K", nodes[0].object);
        root.replaceKey("/ParentTree", pdf.makeIndirectObject(tree));
        root.replaceKey("/ParentTreeNextKey",
                        Object::newInteger(static_cast<long long>(pages.size())));
        pdf.getRoot().replaceKey("/StructTreeRoot", root);
    }

    // Title and language where a reader looks for them; PDF/UA-1 (ISO 14289-1) is what the
    // structure follows.
    void write_details() {
        const std::string day = to_string(details.date);
        Object catalogue = pdf.getRoot();
        catalogue.replaceKey("/Lang", Object::newString(details.language));
        catalogue.replaceKey("/MarkInfo", Object::parse("<< /Marked true >>"));
        catalogue.replaceKey("/ViewerPreferences", Object::parse("<< /DisplayDocTitle true >>"));
        const std::string packet = fmt::format(
            "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
            "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
            "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
            "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
            "xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">"
            "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>"
            "<dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator>"
            "<xmp:CreateDate>{}T00:00:00Z</xmp:CreateDate><xmp:CreatorTool>Fernamt</xmp:"
            "CreatorTool><pdfuaid:part>1</pdfuaid:part></rdf:Description></rdf:RDF></x:xmpmeta>\n"
            "<?xpacket end=\"r\"?>",
            escaped(details.title), escaped(details.author), day);
        Object metadata = Object::newStream(&pdf, packet);
        metadata.getDict().replaceKey("/Type", name("Metadata"));
        metadata.getDict().replaceKey("/Subtype", name("XML"));
        catalogue.replaceKey("/Metadata", metadata);
        Object info = Object::newDictionary();
        info.replaceKey("/Title", Object::newUnicodeString(details.title));
        info.replaceKey("/Author", Object::newUnicodeString(details.author));
        info.replaceKey("/Creator", Object::newString("Fernamt"));
        info.replaceKey("/CreationDate", Object::newString(fmt::format(
                                             "D:{:04d}{:02d}{:02d}000000Z", details.date.year,
                                             details.date.month, details.date.day)));
        pdf.getTrailer().replaceKey("/Info", pdf.makeIndirectObject(info));
    }

    std::string write() {
        pdf.emptyPDF();
        const std::vector<Object> on = write_pages();
        write_structure(on);
        write_details();
        QPDFWriter writer(pdf);
        writer.setOutputMemory();
        writer.setDeterministicID(true);
        writer.setMinimumPDFVersion("1.7");
        writer.setObjectStreamMode(qpdf_o_generate);
        writer.write();
        const auto buffer = writer.getBufferSharedPointer();
        return {reinterpret_cast<const char *>(buffer->getBuffer()), buffer->getSize()};
    }
};

TaggedPdf::TaggedPdf(PdfDetails details) : impl_(std::make_unique<Impl>()) {
    impl_->details = std::move(details);
}
TaggedPdf::~TaggedPdf() = default;

double TaggedPdf::width(std::string_view text, Face face, double points) {
    const FontFile &file = font_of(face);
    double sum = 0;
    for (const char32_t point : code_points(text))
        sum += file.advance(file.glyph(point));
    return sum / 1000.0 * points / kPoints;
}

void TaggedPdf::add_page() {
    impl_->pages.emplace_back();
    impl_->current = impl_->pages.size() - 1;
}
void TaggedPdf::choose_page(int page) {
    impl_->current = static_cast<std::size_t>(page);
}
int TaggedPdf::pages() const {
    return static_cast<int>(impl_->pages.size());
}

void TaggedPdf::open(std::string_view type) {
    const auto index = static_cast<int>(impl_->nodes.size());
    impl_->nodes[static_cast<std::size_t>(impl_->path.back())].kids.push_back({.node = index});
    impl_->nodes.push_back({std::string(type), {}, {}, {}});
    impl_->path.push_back(index);
}
void TaggedPdf::open_header(std::string_view scope) {
    open("TH");
    impl_->nodes.back().scope = scope;
}
void TaggedPdf::close() {
    impl_->path.pop_back();
}

void TaggedPdf::set_artifacts(bool on) {
    impl_->artifacts = on;
}

void TaggedPdf::text(double x, double y, std::string_view text, Face face, double points) {
    const FontFile &file = font_of(face);
    std::string glyphs;
    for (const char32_t point : code_points(text)) {
        const hb_codepoint_t glyph = file.glyph(point);
        impl_->used.at(static_cast<std::size_t>(face)).emplace(glyph, point);
        glyphs += fmt::format("{:04X}", glyph);
    }
    if (glyphs.empty()) return;
    Page &page = impl_->pages.at(impl_->current);
    const bool artifact = impl_->artifacts || impl_->path.size() == 1;
    if (artifact) {
        page.content += "/Artifact <</Type /Pagination>> BDC\n";
    } else {
        const int owner = impl_->path.back();
        const auto mcid = static_cast<int>(page.nodes.size());
        Node &node = impl_->nodes[static_cast<std::size_t>(owner)];
        node.kids.push_back({.page = static_cast<int>(impl_->current), .mcid = mcid});
        page.nodes.push_back(owner);
        page.content += fmt::format("/{} <</MCID {}>> BDC\n", node.type, mcid);
    }
    page.content +=
        fmt::format("BT /F{} {} Tf {} {} Td <{}> Tj ET\nEMC\n", static_cast<int>(face),
                    number(points), number(x * kPoints), number((kHeight - y) * kPoints), glyphs);
}

void TaggedPdf::line(double x1, double y1, double x2, double y2, double points) {
    impl_->pages.at(impl_->current).content +=
        fmt::format("/Artifact <</Type /Layout>> BDC\n{} w {} {} m {} {} l S\nEMC\n",
                    number(points), number(x1 * kPoints), number((kHeight - y1) * kPoints),
                    number(x2 * kPoints), number((kHeight - y2) * kPoints));
}

Expected<std::string> TaggedPdf::finish() {
    try {
        return impl_->write();
    } catch (const std::exception &) { // qpdf's way to say that something is impossible
        return fail(ProblemKind::internal, "pdf.not_written");
    }
}

} // namespace fernamt::billing
