using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios.Attacks;

/// <summary>
/// SECURITY.md S2 and S3 with SIPVicious, the scanner that most attacks come from. A product of its own, since its address ends up banned; its edge has no traps (<see cref="TrapScenarios"/>), so that a whole scan is answered.
/// </summary>
public sealed partial class ScannerScenarios(UntrappedProduct fixture) : IClassFixture<UntrappedProduct>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => $"udp://127.0.0.1:{fixture.Pbx.SipPort}";

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    public async Task S2_a_scanner_cannot_tell_which_extensions_there_are(string method)
    {
        Tools.Require("svwar");
        int port = FreePort.Udp();
        await Scanner.EarnAnswersAsync(port, fixture.Pbx.SipPort, Cancel);
        // 100 to 105 exist in the default tenant, 106 to 119 do not.
        string output = await RunAsync("svwar", "--force", "-m", method, "-P", $"{port}", "-e", "100-119", Target);
        Assert.DoesNotContain("could not decode", output, StringComparison.Ordinal);
        bool[] mentioned = [.. Enumerable.Range(100, 20).Select(number => output.Contains($"| {number}", StringComparison.Ordinal))];
        Assert.True(mentioned.Distinct().Count() == 1, output);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task S2_a_scanner_for_hosts_learns_no_version_and_the_same_whomever_it_asks_for(string method)
    {
        Tools.Require("svmap");
        int port = FreePort.Udp();
        await Scanner.EarnAnswersAsync(port, fixture.Pbx.SipPort, Cancel);
        List<string> answers = [];
        foreach (string extension in (string[])["100", "119"])                  // there is the one, and not the other
        {
            string output = await RunAsync("svmap", "-d", "-m", method, "-e", extension, "-P", $"{port}", "-p", $"{fixture.Pbx.SipPort}", "127.0.0.1");
            Assert.DoesNotContain("Traceback", output, StringComparison.Ordinal);
            Assert.DoesNotMatch(Version(), output);
            answers.Add(string.Join('|', Answer().Matches(output).Select(match => match.Value).Distinct()));
        }
        Assert.StartsWith("SIP/2.0 ", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[0], answers[1]);
    }

    [GeneratedRegex(@"CloudPbx[/ ]v?\d|\b\d+\.\d+\.\d+[-+]|\.NET|Kestrel", RegexOptions.IgnoreCase)]
    private static partial Regex Version();

    [GeneratedRegex(@"SIP/2\.0 \d{3} [A-Za-z ]+|(Server|User-Agent): \w+", RegexOptions.IgnoreCase)]
    private static partial Regex Answer();

    [Fact]
    public async Task S3_a_cracker_is_banned_the_operator_sees_it_and_a_registered_phone_goes_on()
    {
        Tools.Require("svcrack");
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone phone = await company.RegisterAsync("100", SipTransport.Udp);
        // The default tenant's 104, from the phone's own address: as if both were behind one NAT. The right password is not among these.
        await RunAsync("svcrack", "-u", "104", "-r", "1000-1600", Target);

        JsonElement ban = Assert.Single((await fixture.Pbx.Api.GetAsync("bans", Cancel)).GetProperty("items").EnumerateArray());
        Assert.Equal(("127.0.0.1", "104"), (ban.GetProperty("source").GetString(), ban.GetProperty("account").GetString()));
        Assert.Contains("104", await fixture.Pbx.CommandAsync("", ["bans"], Cancel), StringComparison.Ordinal);
        Assert.True((await phone.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);

        Assert.Contains("lifted", await fixture.Pbx.CommandAsync("", ["unban", "127.0.0.1", "104"], Cancel), StringComparison.Ordinal);
        Assert.Contains("Nobody is banned", await fixture.Pbx.CommandAsync("", ["bans"], Cancel), StringComparison.Ordinal);
        Phone forgiven = await company.StartAsync(company.Account("100", SipTransport.Udp) with
        {
            Domain = fixture.Phones.Domain,
            User = "104",
            Password = fixture.Phones.PasswordOf("104"),
        });
        Assert.True((await forgiven.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);
    }

    private Task<string> RunAsync(params string[] command) => Scanner.RunAsync(fixture.Pbx.DataFolder, Cancel, command);
}
