// A sink's way to one lane, whatever its streams; for as long as the sink is being made.
#pragma once

#include <vector>

#include "sluice/record/record_sink.h"
#include "sluice/redis/joint_tickets.h"
#include "sluice/redis/lane.h"
#include "sluice/redis/lane_layout.h"
#include "sluice/redis/stream_sink.h"

namespace sluice {

class OneLane {
 public:
  OneLane(const std::vector<StreamSpec>& streams, Lane& lane, JointTickets* joints = nullptr)
      : layout_(LaneLayout::Of(streams, false)),
        way_{.layout = layout_, .lanes = {&lane}, .joints = joints} {}
  OneLane(const OneLane&) = delete;
  OneLane& operator=(const OneLane&) = delete;

  const RecordWay& way() const { return way_; }

 private:
  const LaneLayout layout_;
  const RecordWay way_;
};

}  // namespace sluice
