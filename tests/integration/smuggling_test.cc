// Requests that two readers may cut in two ways (tests/support/hostile_requests.h): what each is
// answered, that nothing behind a refused one is answered or stored, and that what hides in a body
// is never a request.
#include "integration/gate_fixture.h"
#include "support/hostile_requests.h"

namespace sluice {
namespace {

class SmugglingTest : public GateTest {
 protected:
  void ExpectAll(const std::vector<HostileRequest>& requests) {
    StartAll("", 1);
    for (const HostileRequest& each : requests) {
      SCOPED_TRACE(each.name + ", section " + each.section);
      redis_.client().Do({"DEL", "vitals"});
      Expect(each);
    }
    EXPECT_TRUE(WaitFor([this] { return Metrics().Sum("sluice_connections") == 0; },
                        "all connections to be gone"));
  }

 private:
  void Expect(const HostileRequest& hostile) {
    std::vector<Fields> stored;
    const bool goes_on = hostile.after == HostileRequest::After::kGoesOn;
    {
      HttpClient client = Connect();
      client.Send(hostile.bytes + PostRequest(kVitals, Vital("behind", 2)));
      const HttpResponse response = client.ReadResponse();
      EXPECT_EQ(response.status, hostile.status) << response.raw;
      EXPECT_EQ(ClosesConnection(response), !goes_on) << response.raw;
      if (hostile.status == 200) stored.push_back(VitalEntry("outer", 1));
      if (goes_on) {
        EXPECT_TRUE(IsAccepted(client.ReadResponse(), 1));
        stored.push_back(VitalEntry("behind", 2));
        client.FinishSending();
      }
      EXPECT_TRUE(client.ReadClose()) << "something behind it was answered";
    }
    EXPECT_TRUE(IsAccepted(Post(kVitals, Vital("good", 3)), 1));
    stored.push_back(VitalEntry("good", 3));
    EXPECT_EQ(Stored("vitals"), stored);
  }
};

TEST_F(SmugglingTest, ByLengths) { ExpectAll(HostileLengths()); }
TEST_F(SmugglingTest, ByCodings) { ExpectAll(HostileCodings()); }
TEST_F(SmugglingTest, ByLines) { ExpectAll(HostileLines()); }
TEST_F(SmugglingTest, ByFields) { ExpectAll(HostileFields()); }
TEST_F(SmugglingTest, ByTargets) { ExpectAll(HostileTargets()); }
TEST_F(SmugglingTest, ByChunks) { ExpectAll(HostileChunks()); }
TEST_F(SmugglingTest, InBodies) { ExpectAll(HiddenInBodies()); }

}  // namespace
}  // namespace sluice
