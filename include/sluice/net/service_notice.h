// What the service manager is told of this process's life, where one listens (sd_notify(3): systemd
// with Type=notify or notify-reload). Without NOTIFY_SOCKET in the environment these do nothing,
// and a manager that does not listen is no error. Main thread only.
#pragma once

namespace sluice {

void NotifyReady();      // listening; also behind a reload
void NotifyReloading();  // before it
void NotifyStopping();   // a drain has begun

}  // namespace sluice
