// The one table of settings, as settings.h describes it.
#pragma once

#include <span>

#include "server/settings.h"

namespace sluice {

std::span<const Setting> SettingTable();

}  // namespace sluice
