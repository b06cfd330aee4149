// Who asks, as several replies of access.proto tell it.
#pragma once
#include "client/cpp/codec/common.h"

namespace tacit::codec {

Asker read_asker(Reader reader);

}  // namespace tacit::codec
