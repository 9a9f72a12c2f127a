// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/guide.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <map>

namespace fernamt::knowledge {

namespace json = boost::json;

namespace {

class Examination {
  public:
    explicit Examination(const GuideSteps &steps) : steps_(steps) {
        for (std::size_t i = 0; i < steps.size(); ++i)
            index_.emplace(steps[i].key, i); // the first of a name
        marks_.resize(steps.size());
        loops_.resize(steps.size());
    }

    std::vector<GuideFault> run() {
        if (steps_.empty()) return {{GuideFaultKind::no_steps, ""}};
        visit(0);
        for (std::size_t i = 0; i < steps_.size(); ++i)
            examine(i);
        return std::move(faults_);
    }

  private:
    enum class Mark { unseen, open, done };

    // Depth first, without recursion: a hundred steps in a row are no deep stack.
    void visit(std::size_t first) {
        std::vector<std::pair<std::size_t, std::size_t>> path{{first, 0}}; // step, next answer
        marks_[first] = Mark::open;
        while (!path.empty()) {
            auto &[step, answer] = path.back();
            if (answer == steps_[step].answers.size()) {
                marks_[step] = Mark::done;
                path.pop_back();
                continue;
            }
            const auto next = index_.find(steps_[step].answers[answer++].next);
            if (next == index_.end()) continue;
            const std::size_t to = next->second;
            if (marks_[to] == Mark::open) loops_[to] = true;
            if (marks_[to] != Mark::unseen) continue;
            marks_[to] = Mark::open;
            path.emplace_back(to, 0);
        }
    }

    void examine(std::size_t i) {
        const GuideStep &step = steps_[i];
        const auto add = [&](GuideFaultKind kind) { faults_.push_back({kind, step.key}); };
        if (index_.at(step.key) != i) return add(GuideFaultKind::key_twice);
        bool wordless = step.text.empty() || step.key.empty();
        bool lost = false;
        for (const GuideAnswer &answer : step.answers) {
            wordless = wordless || answer.text.empty();
            lost = lost || !index_.contains(answer.next);
        }
        if (wordless) add(GuideFaultKind::text_missing);
        if (lost) add(GuideFaultKind::next_unknown);
        if (step.answers.size() == 1) add(GuideFaultKind::single_answer);
        if (leads_to_form(step) && !step.service) add(GuideFaultKind::service_missing);
        if (loops_[i]) add(GuideFaultKind::loop);
        if (marks_[i] == Mark::unseen) add(GuideFaultKind::out_of_reach);
    }

    const GuideSteps &steps_;
    std::map<std::string, std::size_t, std::less<>> index_;
    std::vector<Mark> marks_;
    std::vector<bool> loops_;
    std::vector<GuideFault> faults_;
};

std::string text_of(const json::object &from, std::string_view name) {
    return std::string(from.at(name).as_string());
}

json::value offer_of(const GuideStep &step) {
    if (step.end != GuideEnd::online) return nullptr;
    return step.offer;
}

} // namespace

std::string_view to_string(GuideFaultKind kind) {
    static constexpr std::array<std::string_view, 10> kNames{
        "no_steps",     "key_twice",     "text_missing",    "next_unknown",    "loop",
        "out_of_reach", "single_answer", "service_missing", "service_unknown", "form_missing"};
    return kNames.at(static_cast<std::size_t>(kind));
}

bool leads_to_form(const GuideStep &step) {
    return step.answers.empty() && step.end == GuideEnd::online;
}

std::vector<GuideFault> faults_of(const GuideSteps &steps) {
    return Examination(steps).run();
}

std::string to_json(const GuideSteps &steps) {
    json::array all;
    for (const GuideStep &step : steps) {
        json::array answers;
        for (const GuideAnswer &answer : step.answers)
            answers.push_back(json::object{{"text", answer.text}, {"next", answer.next}});
        all.push_back(json::object{{"key", step.key},
                                   {"text", step.text},
                                   {"answers", std::move(answers)},
                                   {"request", step.end == GuideEnd::request},
                                   {"service", step.service.value},
                                   {"offer", offer_of(step)}});
    }
    return json::serialize(all);
}

Expected<GuideSteps> parse_guide_steps(std::string_view text) {
    const auto unreadable = [] {
        return fail(ProblemKind::internal, "knowledge.unreadable", {{"service", "guide"}});
    };
    try {
        const json::value parsed = json::parse(text);
        GuideSteps steps;
        for (const json::value &one : parsed.as_array()) {
            const json::object &from = one.as_object();
            GuideStep step{.key = text_of(from, "key"),
                           .text = text_of(from, "text"),
                           .answers = {},
                           .end = from.at("request").as_bool() ? GuideEnd::request : GuideEnd::tell,
                           .service = ServiceId{from.at("service").to_number<std::int64_t>()}};
            const json::value *offer = from.if_contains("offer"); // not in those stored earlier
            if (offer != nullptr && !offer->is_null()) {
                step.end = GuideEnd::online;
                step.offer = offer->to_number<std::int64_t>();
            }
            for (const json::value &answer : from.at("answers").as_array()) {
                step.answers.push_back(
                    {text_of(answer.as_object(), "text"), text_of(answer.as_object(), "next")});
            }
            steps.push_back(std::move(step));
        }
        return steps;
    } catch (const std::exception &) { // JSON of another shape: only our own is stored
        return unreadable();
    }
}

} // namespace fernamt::knowledge
