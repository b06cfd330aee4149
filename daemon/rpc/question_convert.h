// Questions as messages: everything in them is fit to be shown.
#pragma once
#include "daemon/access/prompt_desk.h"
#include "tacit/v1/access.pb.h"

namespace tacit {

void fill(const Asker& from, v1::Asker& to);
void fill(const AskedQuestion& from, v1::Question& to);
/// Not for PromptEnd.
void fill(const PromptMessage& from, v1::PromptEvent& to);

}  // namespace tacit
