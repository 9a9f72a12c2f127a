// SPDX-License-Identifier: EUPL-1.2
// One part out of a multipart body (RFC 2046 5.1, RFC 5621): networks send the SDP together with
// ISUP or a location. Reads only; never throws, whatever the text is.
#pragma once

#include <optional>
#include <string_view>

namespace fernamt::telephony {

// The content of the first part of this type ("application/sdp"); a view into body.
[[nodiscard]] std::optional<std::string_view>
find_part(std::string_view body, std::string_view boundary, std::string_view type);

} // namespace fernamt::telephony
