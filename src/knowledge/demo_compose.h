// SPDX-License-Identifier: EUPL-1.2
// Composes what one municipality says about one service, from the service's office and the place's
// local data. Which opening hours a place keeps for an office is a fixed rule of both positions, so
// that neighbours differ and every run gives the same texts. Demo texts only; does no I/O.
#pragma once

#include "base/id.h"
#include "knowledge/model.h"
#include "knowledge/service.h"

#include <string>
#include <vector>

namespace fernamt::knowledge {

enum class OfficeLevel {
    municipality, // in every town hall
    region,       // at the Region, for all municipalities
    elsewhere,    // federal or state bodies: the town hall only points the way
};

struct DemoOffice {
    std::string key;
    OfficeLevel level = OfficeLevel::municipality;
    std::string name;        // "Standesamt"
    std::string responsible; // template: {der_ort} {der_region} {ort}
};

struct DemoPlace {
    MunicipalityId id;
    std::string name; // "Langenhagen"
    std::string of;   // "der Stadt Langenhagen"
    bool is_region = false;
};

struct DemoRegion { // what all places share; places and offices in the order of the files
    std::string telephone_prefix; // "+492214710", three digits follow
    std::vector<std::vector<std::string>> opening_hours;
    std::vector<DemoPlace> places;
    std::vector<DemoOffice> offices;
};

// What the office of a place is, where there is one.
struct OfficeFacts {
    std::string name; // "Bürgerbüro der Stadt Langenhagen"
    std::string telephone;
    std::vector<std::string> hours;
    Address address;
};
[[nodiscard]] OfficeFacts office_facts(const DemoRegion &region, std::size_t place,
                                       std::size_t office);

// What is said where there is no such office: for bodies elsewhere, and at the Region about what
// belongs to the caller's place of residence. opening_hours, contact, responsible, where.
[[nodiscard]] std::vector<Section> compose_local(const DemoRegion &region, std::size_t place,
                                                 std::size_t office);

} // namespace fernamt::knowledge
