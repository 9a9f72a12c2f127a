// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/matrix.h"

#include "knowledge/areas.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

namespace fernamt::knowledge {

namespace {

struct Found { // of one service in one area
    bool office = false;
    bool contact = false;
    bool reachability = false;
    void add(const Found &other) {
        office |= other.office;
        contact |= other.contact;
        reachability |= other.reachability;
    }
};

class Reader {
  public:
    Reader(storage::Connection &connection, const LocalDate &today)
        : connection_(connection), today_(today) {}

    Expected<Matrix> read(const std::vector<MunicipalityId> &municipalities) {
        Matrix matrix;
        if (auto done = read_services(matrix); !done) return tl::unexpected(done.error());
        for (const MunicipalityId municipality : municipalities) {
            auto row = read_row(matrix, municipality);
            if (!row) return tl::unexpected(row.error());
            matrix.rows.push_back(std::move(*row));
        }
        return matrix;
    }

  private:
    using Cells = std::unordered_map<std::int64_t, Found>; // by service

    Expected<void> read_services(Matrix &matrix) {
        return connection_.each(
            "SELECT s.id, s.name, COALESCE((SELECT MIN(k.value) FROM knowledge_key k WHERE "
            "k.owner = s.id AND k.scheme = 'leika'), ''), COALESCE(r.checked_on, ''), "
            "s.approved_on, COALESCE(r.review_days, 365) FROM knowledge_top t "
            "JOIN knowledge_public_service s ON s.id = t.service "
            "LEFT JOIN knowledge_review r ON r.service = s.id AND r.municipality = 0 "
            "ORDER BY t.position",
            {}, [&](const storage::Row &row) {
                matrix.services.push_back({ServiceId{row.integer(0)}, row.text(1), row.text(2)});
                common_[row.integer(0)] = {last_check(row.text(3), row.text(4)),
                                           static_cast<int>(row.integer(5))};
                return true;
            });
    }

    // Areas above the municipalities are shared: each is read once.
    Expected<const Cells *> area(AreaId id) {
        const auto known = areas_.find(id);
        if (known != areas_.end()) return &known->second;
        Cells cells;
        const auto done = connection_.each(
            "SELECT r.service, "
            "CASE WHEN EXISTS (SELECT 1 FROM knowledge_contact c WHERE c.office = o.id AND "
            "c.channel IN ('01', '02', '03')) OR EXISTS (SELECT 1 FROM knowledge_person p WHERE "
            "p.office = o.id) THEN 1 ELSE 0 END, "
            "CASE WHEN o.hours_text <> '' OR EXISTS (SELECT 1 FROM knowledge_hours h WHERE "
            "h.office = o.id) OR EXISTS (SELECT 1 FROM knowledge_person p WHERE p.office = o.id "
            "AND p.hours_text <> '') THEN 1 ELSE 0 END "
            "FROM knowledge_responsibility r JOIN knowledge_office o ON o.id = r.holder "
            "WHERE r.area = $1 AND r.service IN (SELECT service FROM knowledge_top)",
            {id.value}, [&](const storage::Row &row) {
                cells[row.integer(0)].add({true, row.integer(1) != 0, row.integer(2) != 0});
                return true;
            });
        if (!done) return tl::unexpected(done.error());
        return &areas_.emplace(id, std::move(cells)).first->second;
    }

    // What the municipality (or, 0, the centre for all) says in texts of its own.
    Expected<void> add_own_texts(MunicipalityId municipality, Cells &cells) {
        return connection_.each(
            "SELECT service, section, expires_on FROM knowledge_local_text WHERE municipality = "
            "$1 AND visibility = 'public' AND state = 'released' AND section IN ('responsible', "
            "'contact', 'opening_hours') AND service IN (SELECT service FROM knowledge_top)",
            {municipality.value}, [&](const storage::Row &row) {
                const auto expires_on = parse_date(row.text(2));
                if (expires_on && *expires_on < today_) return true;
                const auto key = parse_section_key(row.text(1));
                cells[row.integer(0)].add({key == SectionKey::responsible,
                                           key == SectionKey::contact,
                                           key == SectionKey::opening_hours});
                return true;
            });
    }

    Expected<std::unordered_map<std::int64_t, Check>> checks(MunicipalityId municipality) {
        std::unordered_map<std::int64_t, Check> found;
        const auto done = connection_.each(
            "SELECT service, checked_on, review_days FROM knowledge_review WHERE municipality = $1",
            {municipality.value}, [&](const storage::Row &row) {
                found[row.integer(0)] = {parse_date(row.text(1)), static_cast<int>(row.integer(2))};
                return true;
            });
        if (!done) return tl::unexpected(done.error());
        return found;
    }

    Expected<MatrixRow> read_row(const Matrix &matrix, MunicipalityId municipality) {
        Cells own;
        for (const MunicipalityId writer : {municipality, kCommonText}) {
            if (auto done = add_own_texts(writer, own); !done) return tl::unexpected(done.error());
        }
        for (const AreaId above : lineage(municipality)) {
            const auto cells = area(above);
            if (!cells) return tl::unexpected(cells.error());
            for (const auto &[service, found] : **cells)
                own[service].add(found);
        }
        const auto checked = checks(municipality);
        if (!checked) return tl::unexpected(checked.error());
        MatrixRow row{.municipality = municipality, .cells = {}, .counts = {}};
        for (const MatrixService &service : matrix.services) {
            const auto local = checked->find(service.id.value);
            row.cells.push_back(cell(own[service.id.value], common_[service.id.value],
                                     local == checked->end() ? Check{} : local->second));
            const CellState state = row.cells.back().state();
            ++(state == CellState::complete ? row.counts.complete
               : state == CellState::stale  ? row.counts.stale
                                            : row.counts.missing);
        }
        return row;
    }

    [[nodiscard]] MatrixCell cell(const Found &found, const Check &common,
                                  const Check &local) const {
        MatrixCell made{.office = found.office,
                        .contact = found.contact,
                        .reachability = found.reachability,
                        .checked_on = std::nullopt,
                        .fresh = common.at(today_) == Freshness::current &&
                                 local.at(today_) == Freshness::current};
        if (common.on && local.on) made.checked_on = std::min(*common.on, *local.on);
        return made;
    }

    storage::Connection &connection_;
    LocalDate today_;
    std::unordered_map<std::int64_t, Check> common_; // by service
    std::map<AreaId, Cells> areas_;
};

} // namespace

std::string_view to_string(CellState state) {
    static constexpr std::array<std::string_view, 3> kNames{"complete", "stale", "missing"};
    return kNames.at(static_cast<std::size_t>(state));
}

Expected<Matrix> read_matrix(storage::Connection &connection,
                             const std::vector<MunicipalityId> &municipalities,
                             const LocalDate &today) {
    return Reader(connection, today).read(municipalities);
}

} // namespace fernamt::knowledge
