// SPDX-License-Identifier: EUPL-1.2
// The calendar month an invoice stands for (agreements/month.h), under this room's name: billing
// speaks of its own Month and stays independent of where it is computed. Names only; no behaviour
// of its own, none is to be added.
#pragma once

#include "agreements/month.h"

namespace fernamt::billing {

using agreements::begin_of;
using agreements::end_of;
using agreements::first_day;
using agreements::last_day;
using agreements::Month;
using agreements::month_of;
using agreements::next;
using agreements::parse_month;
using agreements::to_string;

} // namespace fernamt::billing
