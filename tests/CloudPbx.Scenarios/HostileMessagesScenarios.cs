using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Scenarios;

/// <summary>A short part of what <c>./pbx fuzz product</c> does for long.</summary>
public sealed class HostileMessagesScenarios
{
    private const int Messages = 5_000;
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mutated_messages_over_every_transport_leave_the_product_as_it_was()
    {
        await using RunningProduct pbx = await RunningProduct.StartAsync(["--log-level", "Warning"], Cancel, ProductHunt.Settings);
        var hunt = new ProductHunt(pbx, seed: 4475);
        await hunt.RunAsync(Messages, Cancel);
        ProductHuntReport report = hunt.Report;
        TestContext.Current.SendDiagnosticMessage(report.ToString());
        Assert.Empty(report.Faults);
        Assert.Empty(report.LostProbes);
        Assert.Empty(report.Disagreements);
        Assert.Equal(Messages, report.Sent);
        Assert.True(report.Forwarded > Messages / 10, report.ToString());       // the guards were off: a good part got past the door

        // And it still does what it is for.
        await using Company company = await Company.FoundAsync(pbx, Cancel);
        Phone alice = await company.RegisterAsync("100");
        PhoneCall call = await alice.DialAsync("*43");
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await call.HangUpAsync();
    }
}
