// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/html.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fernamt::knowledge {
namespace {

using Lines = std::vector<std::string>;

TEST(HtmlTest, TheWhiteListPasses) {
    const std::string good = "<p>Wer <b>einen</b> Hund hält</p><ul><li>Ausweis</li></ul>"
                             "<h3>Wo</h3>x<sup>2</sup><br>"
                             "<a href=\"https://example.org/?a=1&amp;b=2\">hier</a>";
    EXPECT_EQ(clean_html(good), good);
    EXPECT_EQ(clean_html("<P CLASS=x onclick='a()'>A</P>"), "<p>A</p>");
    EXPECT_EQ(clean_html("<br/>"), "<br>");
}

TEST(HtmlTest, NothingThatRunsPasses) {
    EXPECT_EQ(clean_html("a<script>alert('<b>')</script>b"), "ab");
    EXPECT_EQ(clean_html("a<ScRiPt src=//x>b</sCrIpT >c"), "ac");
    EXPECT_EQ(clean_html("a<script>never closed"), "a");
    EXPECT_EQ(clean_html("<img src=x onerror=alert(1)>x"), "x");
    EXPECT_EQ(clean_html("<a href=\"javascript:alert(1)\">x</a>"), "x");
    EXPECT_EQ(clean_html("<a href=\" jav\tascript:alert(1)\">x</a>"), "x");
    EXPECT_EQ(clean_html("<a href=\"&#106;avascript:alert(1)\">x</a>"), "x");
    EXPECT_EQ(clean_html("<a href='data:text/html,x'>x</a>"), "x");
    EXPECT_EQ(clean_html("<a href='https://x\" onclick=\"y'>x</a>"),
              "<a href=\"https://x&quot; onclick=&quot;y\">x</a>");
    EXPECT_EQ(clean_html("<svg><script>x</script></svg>y"), "y");
    EXPECT_EQ(clean_html("<!-- <b> --><p>x"), "<p>x</p>");
    EXPECT_EQ(clean_html("<style>p{}</style><iframe src=x>y</iframe>z"), "z");
}

TEST(HtmlTest, TheResultIsWellFormed) {
    EXPECT_EQ(clean_html("<p><b>x</p></i>y"), "<p><b>x</b></p>y");
    EXPECT_EQ(clean_html("1 < 2 & 3 > 2"), "1 &lt; 2 &amp; 3 &gt; 2");
    EXPECT_EQ(clean_html("&uuml;&#252;&#xfc;&unknown;"), "üüü&amp;unknown;");
    std::string deep;
    for (int i = 0; i < 10'000; ++i)
        deep += "<b>";
    EXPECT_LT(clean_html(deep).size(), 1'000u);
}

TEST(HtmlTest, Lines) {
    EXPECT_EQ(plain_lines("<p>Eins  zwei\n drei</p><p>&#xa0;</p><ul><li>A</li><li>B</li></ul>"),
              (Lines{"Eins zwei drei", "A", "B"}));
    EXPECT_EQ(plain_lines("ohne Auszeichnung"), Lines{"ohne Auszeichnung"});
    EXPECT_EQ(plain_lines("<br><br>"), Lines{});
    EXPECT_EQ(plain_text("a<br>b"), "a\nb");
}

RC_GTEST_PROP(HtmlTest, CleaningTwiceChangesNothing, (const std::string &text)) {
    const std::string once = clean_html("<p>" + text + "<a href=http://x>&lt;script&gt;" + text);
    RC_ASSERT(clean_html(once) == once);
    RC_ASSERT(once.find("<script") == std::string::npos);
}

} // namespace
} // namespace fernamt::knowledge
