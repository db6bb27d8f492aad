// A PF of the fake kernel, a table of what is wanted of it, and a Programmer between them.
// Owns the set-up that the tests of programming share, and what they count; no test.
#pragma once

#include "fake_kernel.h"
#include "rtnl/programmer.h"
#include "test.h"
#include "vf_values.h"

namespace sriov {

constexpr uint32_t kThreeFields = kFieldMac | kFieldVlan | kFieldSpoofCheck;

struct Programming {
  explicit Programming(uint32_t num_vf, uint32_t capacity = 0)
      : kernel(num_vf), rows(capacity > num_vf ? capacity : num_vf) {
    options.max_hold_ns = 10000000000;  // a slow machine must not change how messages are cut
  }
  // Asks for something of its own for each VF from `first` on.
  void Want(uint32_t count, uint32_t fields, uint32_t first = 0) {
    for (uint32_t vf = first; vf < first + count; ++vf) rows.Add(vf, fields, Distinct(vf));
  }
  ProgramResult Run() {
    return Programmer(&kernel, FakeKernel::kIfindex, rows.table(), options, &cost).Run();
  }
  // Whether all `fields` of a VF are as wanted, or all as they were.
  bool Applied(uint32_t vf, uint32_t fields) const {
    return (DifferentFields(kernel.vfs[vf], Distinct(vf)) & fields) == 0;
  }
  bool Untouched(uint32_t vf) const { return Equal(kernel.vfs[vf], VfValues{}); }
  uint32_t CountApplied(uint32_t fields) const {
    uint32_t count = 0;
    for (uint32_t vf = 0; vf < kernel.vfs.size(); ++vf) count += Applied(vf, fields);
    return count;
  }

  FakeKernel kernel;
  VfRows rows;
  CostModel cost;
  ProgramOptions options;
};

// One refusal by name.
inline void ExpectRefused(const Failure& failure, uint32_t vf, uint32_t setting, int error) {
  EXPECT_EQ(failure.vf, vf);
  EXPECT_EQ(failure.setting, setting);
  EXPECT_EQ(failure.error, error);
  EXPECT_TRUE(failure.kind == FailureKind::kRefused);
}

}  // namespace sriov
