using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>I69, with a key of raw octets; the colleagues' phones are our softphone.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class LampOctetsScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task I69_an_idle_extension_has_a_dialog_and_a_call_that_is_given_up_leaves_no_light()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        await using BusyLampKey key = BusyLampKey.At("127.0.0.77", fixture.Pbx, company.Account("102", SipTransport.Udp), "101");
        RawMessage accepted = await key.SubscribeAsync();
        Assert.Equal(200, accepted.Status);
        Assert.Equal(("terminated", 0, 1), await key.NotifiedAsync());

        PhoneCall atAlice = await alice.DialAsync("101");
        await bob.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.Equal(("early", 1, 2), await key.NotifiedAsync());
        await atAlice.HangUpAsync();
        Assert.Equal(("terminated", 2, 3), await key.NotifiedAsync());

        Assert.Equal(481, (await key.RefreshAsync(accepted, tag: "unknown")).Status);      // a phone that knows of a subscription that we do not begins anew
        Assert.Equal(200, (await key.RefreshAsync(accepted)).Status);
        Assert.Equal(("terminated", 3, 4), await key.NotifiedAsync("481 Subscription Does Not Exist"));
        Assert.Equal(481, (await key.RefreshAsync(accepted)).Status);                      // and one that knows of none gets no more
        Assert.Equal(4, key.Notifies);
    }

    [Fact]
    public async Task Another_event_package_is_refused_by_name()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await using BusyLampKey key = BusyLampKey.At("127.0.0.77", fixture.Pbx, company.Account("102", SipTransport.Udp), "101");
        RawMessage refused = await key.SubscribeAsync("message-summary");
        Assert.Equal((489, "dialog"), (refused.Status, refused["Allow-Events"]));
    }
}
