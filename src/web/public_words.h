// SPDX-License-Identifier: EUPL-1.2
// The frame's words of the citizens' pages in both languages; the answers themselves stay in the
// language they were written in (German) and are marked as such by public_html.cpp. Patterns are
// fmt's. Private to the public pages.
#pragma once

#include "web/language.h"

#include <string_view>

namespace fernamt::web {

struct PublicWords {
    std::string_view skip, site, you_are_here, search_label, search, no_advice, questions,
        all_towns, accessibility, choose_town, towns_title, towns_description, town_title,
        town_description, services_in, rather_talk, no_services, nothing_found, hits, building,
        search_again, try_else, from_a_to_z, phone_helps, websites, website_of, offices, hours,
        contact, address, answers_for, office_description, checked, check_due, phone, email, fax,
        other_contact, post_box, to_all_towns, gone_title, gone_text, level, federation, land,
        district, local, busy_title, busy_text, german_only;
};

[[nodiscard]] const PublicWords &public_words(Language language);
[[nodiscard]] std::string_view accessibility_text(Language language); // HTML

} // namespace fernamt::web
