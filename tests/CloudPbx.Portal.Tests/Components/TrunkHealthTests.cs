using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Languages;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>How a trunk's light and sentences tell what is wrong with it.</summary>
public sealed class TrunkHealthTests
{
    private static readonly DateTime s_then = new(2026, 11, 29, 8, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(TrunkReach.Off, false, false, "good")]
    [InlineData(TrunkReach.Up, false, false, "good")]
    [InlineData(TrunkReach.Down, false, false, "bad")]
    [InlineData(TrunkReach.Down, true, true, "bad")]
    [InlineData(TrunkReach.Off, true, false, "wait")]
    [InlineData(TrunkReach.Off, true, true, "good")]
    public void A_trunk_without_lines_is_as_good_as_OPTIONS_and_its_last_call(TrunkReach reach, bool hasFailed, bool again, string light)
    {
        TrunkHealth health = TrunkHealth.Of(Trunk(reach) with { LastCallFailure = hasFailed ? new TrunkFailureDto(s_then, 503, "Full") : null, CallsAgainSince = again ? s_then : null });
        Assert.Equal((TrunkState.Trusted, light), (health.State, health.Dot));
    }

    [Fact]
    public void A_carrier_that_answers_no_OPTIONS_is_told_of_in_its_own_words()
    {
        Texts texts = new();
        Clock clock = new(new FakeTimeProvider(s_then.AddHours(1)), TimeZoneInfo.Utc, texts);
        string down = TrunkHealth.Of(Trunk(TrunkReach.Down) with { ReachSince = s_then, OptionsStatus = 503, OptionsReason = "Night" }).ReachSentence(texts, clock)!;
        Assert.Contains("\"503 Night\"", down, StringComparison.Ordinal);
        Assert.Contains("\"Connection refused\"", TrunkHealth.Of(Trunk(TrunkReach.Down) with { OptionsReason = "Connection refused" }).ReachSentence(texts, clock), StringComparison.Ordinal);
        Assert.Null(TrunkHealth.Of(Trunk(TrunkReach.Up)).ReachSentence(texts, clock));
    }

    private static TrunkStatusDto Trunk(TrunkReach reach) => new() { Name = "carrier", Kind = TrunkKind.Ip, Enabled = true, Calls = 0, Lines = [], Reach = reach };
}
