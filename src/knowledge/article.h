// SPDX-License-Identifier: EUPL-1.2
// What one municipality says about one service, put together from the rows: the service's own
// modules, the specialisation of the most specific area above them, the offices and online services
// that are responsible there (the nearest first, all collected), above that the centre's own texts
// for all, and above everything the municipality's own, while they have not expired. Only what is
// released; internal notes come apart from the sections, and only for who may read them.
#pragma once

#include "base/problem.h"
#include "knowledge/areas.h"
#include "knowledge/service.h"
#include "storage/database.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

// Nothing if there is no such service, or if the municipality has no answer of its own: neither a
// responsibility for it or what it lies in, nor a text. Who is signed in then reads what is common,
// marked as not answered: callers ask about every level of administration.
[[nodiscard]] Expected<std::optional<Article>>
read_article(storage::Connection &connection, ServiceId service, MunicipalityId municipality,
             const LocalDate &today, const KnowledgeReader &reader = {});

// What holds for all municipalities together: the service's own modules and the centre's texts.
[[nodiscard]] Expected<std::optional<Article>>
read_common_article(storage::Connection &connection, ServiceId service, const LocalDate &today);

// All services in order of id, without sections; short_answer is what is delivered for all.
[[nodiscard]] Expected<std::vector<Service>> read_services(storage::Connection &connection);

// What is read aloud instead: telephone texts, of the centre for all (area 0) and of
// municipalities, and what specialisations say in short.
struct ShortText {
    ServiceId service;
    AreaId area;
    bool telephone = false; // stands above everything delivered
    std::string text;
    std::optional<LocalDate> expires_on;
};
[[nodiscard]] Expected<void> each_short_text(storage::Connection &connection,
                                             const std::function<void(ShortText)> &take);

// One or two sentences to read aloud from longer text.
[[nodiscard]] std::string first_sentences(std::string_view text, std::size_t most = 300);

} // namespace fernamt::knowledge
