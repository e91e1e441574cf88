using System.Text.Json.Nodes;
using CloudPbx.AllInOne.Commands;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed class RouteTextTests
{
    [Fact]
    public void Each_step_has_its_number_its_rule_and_a_sentence_and_the_trunks_follow()
    {
        RoutingDto answer = new()
        {
            Steps = [new("dialled", "95551234"), new("outside-prefix", "9 leaves 5551234"), new("route", "all (prefix any)"), new("trunk", "a"), new("caller-none", "a"), new("trunk", "b"), new("caller-of-tenant", "+1555")],
            Trunks = [new("a", "5551234", null), new("b", "5551234", "1555")],
            FailoverOn = ["408", "5xx"],
            Emergency = false,
        };
        Assert.Equal(
            [
                "  1  dialled           95551234 is dialled",
                "  2  outside-prefix    the outside prefix 9 leaves 5551234",
                "  3  route             the longest prefix is that of the route all (prefix any)",
                "  4  trunk             the trunk a may take it",
                "  5  caller-none       no number of the tenant can be shown by a",
                "  6  trunk             the trunk b may take it",
                "  7  caller-of-tenant  the tenant's number +1555 is shown as caller",
                "Sent by a to 5551234, no number of the tenant shown.",
                "Then by b to 5551234, shown as 1555.",
                "The next one is tried when a trunk cannot be reached or answers 408, 5xx.",
            ],
            RouteText.Lines(answer));
    }

    [Theory]
    [InlineData(404, null, null, "Refused with 404.")]
    [InlineData(null, "101", null, "The phones of extension 101 ring.")]
    [InlineData(null, "101", "+4420", "The phones of extension 101 ring, shown as called by +4420.")]
    [InlineData(null, null, null, "Answered by the echo test.")]
    public void The_last_line_says_what_comes_of_it(int? status, string? extension, string? caller, string line) => Assert.Equal(
        line,
        RouteText.Lines(new RoutingDto { Steps = [new("dialled", "x")], Status = status, Extension = extension, CallerNumber = caller, Trunks = [], FailoverOn = [], Emergency = false }).Last());

    [Fact]
    public void A_rule_that_this_version_does_not_know_says_itself() => Assert.Equal("new-rule: x", RouteText.Sentence(new RoutingStepDto("new-rule", "x")));

    [Fact]
    public void An_export_leaves_out_what_is_null_and_keeps_what_is_empty()
    {
        JsonNode document = JsonNode.Parse("""{"a":null,"b":[{"c":null,"d":""}],"e":{"f":null},"g":0}""")!;
        ExportCommand.Trim(document);
        Assert.Equal("""{"b":[{"d":""}],"e":{},"g":0}""", document.ToJsonString());
    }
}
