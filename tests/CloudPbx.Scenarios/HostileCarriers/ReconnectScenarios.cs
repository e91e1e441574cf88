using System.Net;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A phone of raw octets whose connection breaks while it talks (RFC 5626; INTEROP I70).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class ReconnectScenarios(ProductFixture fixture)
{
    // Only who goes back on the phone's own connection reaches it: nobody has that address (RFC 5737 §3).
    private const string Contact = "sip:101@192.0.2.7:5060;transport=tcp", Instance = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id=1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                          // another network: the old connection is open still, as far as anybody knows
    public async Task I70_a_talk_follows_the_phone_to_the_connection_by_which_the_same_instance_registered_last(bool isClosed)
    {
        IPEndPoint pbx = new(IPAddress.Parse(fixture.Pbx.Host), fixture.Pbx.SipPort);
        await using Company company = await Company.FoundAsync(fixture.Pbx, TestContext.Current.CancellationToken);
        Phone alice = await company.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off);
        await using HostileCarrier before = HostileCarrier.Listen(IPAddress.Parse("127.0.0.65"), pbx), after = HostileCarrier.Listen(IPAddress.Parse("127.0.0.66"), pbx);
        await RegisterAsync(company, before);
        PhoneCall call = await alice.DialAsync("101");
        before.Answer(await before.ExpectAsync("INVITE"), "200 OK", $"Contact: <{Contact}>", HostileCarrier.Pcmu);
        await before.ExpectAsync("ACK");
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);

        if (isClosed) await before.DisposeAsync();
        await RegisterAsync(company, after);
        Assert.Single(await company.RegistrationsAsync(TestContext.Current.CancellationToken), r => r.GetProperty("extension").GetString() == "101");      // §6: in place of the other
        await call.HangUpAsync();
        RawMessage bye = await after.ExpectAsync("BYE");
        Assert.Equal(Contact, bye.RequestUri);                    // RFC 3261 §12.2.1.1: the dialog's own target
        after.Answer(bye, "200 OK");
        Assert.False(before.Has("BYE"));

        call = await alice.DialAsync("101");                      // and new calls
        after.Answer(await after.ExpectAsync("INVITE"), "486 Busy Here");
        await after.ExpectAsync("ACK");
        await CarrierScene.EndedAsync(call);
        Assert.Equal(1, before.Count("INVITE"));
    }

    private static async Task RegisterAsync(Company company, HostileCarrier phone)
    {
        await phone.ConnectAsync();
        await RawPhone.RegisterAsync(phone, company, $"<{Contact}>;{Instance}");
    }
}
