#include "sluice/net/service_notice.h"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace sluice {

void NotifyReady() { ::sd_notify(0, "READY=1"); }

void NotifyReloading() {
  // Type=notify-reload tells this reload's READY=1 from an earlier one by the time.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  ::sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000);
}

void NotifyStopping() { ::sd_notify(0, "STOPPING=1"); }

}  // namespace sluice
