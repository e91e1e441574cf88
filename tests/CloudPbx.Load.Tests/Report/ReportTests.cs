using System.Text.Json;
using CloudPbx.Load.Report;

namespace CloudPbx.Load.Tests.Report;

public class ReportTests
{
    private static readonly BenchResult s_relay = new("relay", "µs", 6)
    {
        Peer = 8, PeerName = "rtpengine", Floor = 5, Goal = new Goal(0.75, GoalKind.RatioAtMost),
    };

    [Fact]
    public void The_file_has_exactly_the_agreed_members()
    {
        using JsonDocument file = JsonDocument.Parse(ResultFile.Text([s_relay, new BenchResult("start", "s", 3)]));
        Assert.Equal(["name", "unit", "ours", "peer", "peerName", "ratio", "floor"], file.RootElement[0].EnumerateObject().Select(m => m.Name));
        Assert.Equal(0.75, file.RootElement[0].GetProperty("ratio").GetDouble());
        Assert.Equal(JsonValueKind.Null, file.RootElement[1].GetProperty("peer").ValueKind);
        Assert.Equal(JsonValueKind.Null, file.RootElement[1].GetProperty("ratio").ValueKind);
    }

    [Fact]
    public void The_table_says_which_goals_are_reached()
    {
        string[] lines = [.. ResultTable.Lines([s_relay, s_relay with { Ours = 7 }])];
        Assert.Equal(4, lines.Length);
        Assert.Single(lines.Select(line => line.Length).Distinct());
        Assert.Contains("| ratio ≤ 0.75 | yes |", lines[2], StringComparison.Ordinal);
        Assert.Contains("| ratio ≤ 0.75 | no  |", lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AtMost", 5, 4, true)]
    [InlineData("AtMost", 5, 6, false)]
    [InlineData("AtLeast", 90, 91, true)]
    [InlineData("AtLeast", 90, 89, false)]
    [InlineData("RatioAtMost", 1, 0.5, null)]
    public void A_goal_bounds_from_its_side(string kind, double limit, double ours, bool? expected) =>
        Assert.Equal(expected, new Goal(limit, Enum.Parse<GoalKind>(kind)).IsMetBy(new BenchResult("n", "u", ours)));
}
