// SPDX-License-Identifier: EUPL-1.2
// Where the desk phones are, on disk, so that a restarted process reaches them before they register
// again. One file in the state directory, replaced as a whole; losing it costs one registration
// interval, never a fact. On the telephony loop.
#pragma once

#include "telephony/registrar.h"

#include <map>
#include <string>
#include <vector>

namespace fernamt::telephony {

class BindingFile {
  public:
    explicit BindingFile(const std::string &directory);

    [[nodiscard]] std::vector<Binding> load() const; // empty if there is none or it is damaged
    void save(const Binding &binding);
    void forget(const std::string &user);

  private:
    void write() const;

    std::string path_;
    std::map<std::string, Binding> bindings_; // by user
};

} // namespace fernamt::telephony
