using System.Globalization;
using System.Text.RegularExpressions;
using CloudPbx.AllInOne.Commands;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed partial class TrunksCommandTests
{
    private static readonly DateTime s_at = new(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Each_line_says_since_when_it_is_registered_or_what_the_carrier_said_and_each_trunk_its_calls()
    {
        string at = s_at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        using var text = new StringWriter { NewLine = "\n" };
        TrunksCommand.Table(
        [
            Trunk("line", TrunkKind.Registered, true, 3, 10, TrunkReach.Up,
                new TrunkLineDto { Account = "u1", RegisteredSince = s_at },
                new TrunkLineDto { Account = "u2", LastFailure = new TrunkFailureDto(s_at, 403, "Forbidden") },
                new TrunkLineDto { Account = "u3", LastFailure = new TrunkFailureDto(s_at, null, "No server") }),
            Trunk("off", TrunkKind.Registered, false, 0, null, TrunkReach.Off) with { LastCallFailure = new TrunkFailureDto(s_at, null, "No server") },
            Trunk("sbc", TrunkKind.Ip, true, 1, null, TrunkReach.Down) with { OptionsStatus = null, OptionsReason = "No answer", ReachSince = s_at, Rel100Learned = "PRACK got 405 Method Not Allowed", WithoutTcp = "Connection refused", LastCallFailure = new TrunkFailureDto(s_at, 503, "Out of lines in Hamburg"), CallsAgainSince = s_at },
        ]).WriteTo(text);
        Assert.Equal(
            $"""
            Trunk  Line  Registered since  Last failure  OPTIONS  Calls  Channels  Last failed call
            line  u1  {at}  up, 404  3  10
             u2  not registered  {at} 403 Forbidden
             u3  not registered  {at} No server
            off  disabled  off  0  no limit  {at} No server
            sbc  by address  down since {at}: No answer; without 100rel (PRACK got 405 Method Not Allowed); without TCP (Connection refused)  1  no limit  {at} 503 Out of lines in Hamburg; calls again since {at}

            """.Replace("\n u", "\n  u", StringComparison.Ordinal),
            Gaps().Replace(text.ToString(), "  "));
    }

    // How wide the columns are does not matter here.
    [GeneratedRegex(" {2,}")]
    private static partial Regex Gaps();

    private static TrunkStatusDto Trunk(string name, TrunkKind kind, bool enabled, int calls, int? most, TrunkReach reach, params TrunkLineDto[] lines) =>
        new() { Name = name, Kind = kind, Enabled = enabled, Calls = calls, MaxChannels = most, Lines = lines, Reach = reach, OptionsStatus = 404 };
}
