// The report itself.
#include "harness/report/report.hpp"

namespace migbench {
namespace {

class JsonFormat final : public ReportFormat {
 public:
  [[nodiscard]] std::string_view name() const override { return "json"; }
  [[nodiscard]] std::string_view summary() const override {
    return "the whole report, for programs (results/schema/report.schema.json)";
  }
  [[nodiscard]] std::string_view file_name() const override { return "report.json"; }

 protected:
  [[nodiscard]] std::string draw(const nlohmann::json& report,
                                 const RenderOptions& /*options*/) const override {
    return report.dump(2) + "\n";
  }
};

MIGBENCH_REGISTER(ReportFormat, JsonFormat);

}  // namespace
}  // namespace migbench
