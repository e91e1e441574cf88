using CloudPbx.AllInOne.Commands;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed class TrunkCheckTextTests
{
    [Theory]
    [InlineData(true, "--platform")]
    [InlineData(true, "--reseller", "north")]
    [InlineData(true, "--tenant", "acme")]
    [InlineData(false, "--platform", "--reseller", "north")]
    [InlineData(false, "--tenant", "acme", "--platform")]
    public void A_trunk_has_one_owner(bool isTaken, params string[] options) =>
        Assert.Equal(isTaken, TrunkCommand.Build().Parse(["check", "carrier", .. options]).Errors.Count == 0);

    [Fact]
    public void Each_step_is_a_line_and_the_suggestions_follow() => Assert.Equal(
        [
            "ok   dns          sip.example: UDP 198.51.100.1:5060",
            "look options      UDP 198.51.100.1:5060: no answer in 8 s",
            "FAIL call         +49: 403 Forbidden",
            "",
            "The answers suggest:",
            "  fromUser: {account}  (403)",
            "  accounts  (401)",
        ],
        TrunkCommand.Lines(new TrunkCheckDto(
            [
                new("dns", TrunkCheckOutcome.Good, "sip.example: UDP 198.51.100.1:5060"),
                new("options", TrunkCheckOutcome.Doubtful, "UDP 198.51.100.1:5060: no answer in 8 s"),
                new("call", TrunkCheckOutcome.Bad, "+49: 403 Forbidden"),
            ],
            [new("fromUser", "{account}", "403"), new("accounts", "", "401")])));
}
