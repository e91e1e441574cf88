using System.Net;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Calls over IPv6 from end to end: signalling (RFC 5118), session descriptions (RFC 8866 §5.7) and packets. A product of its own, which has nothing else.</summary>
public sealed class IPv6Scenarios(IPv6Product fixture) : IClassFixture<IPv6Product>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_phone_of_raw_octets_registers_calls_and_is_called_and_both_hear_each_other(bool isConnected)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await using HostileCarrier raw = HostileCarrier.Listen(IPAddress.IPv6Loopback, new IPEndPoint(IPAddress.IPv6Loopback, fixture.Pbx.SipPort));
        if (isConnected) await raw.ConnectAsync();
        Phone alice = await company.RegisterAsync("100", isConnected ? SipTransport.Tls : SipTransport.Udp, SrtpPolicy.Off);
        await RawPhone.RegisterAsync(raw, company, $"<sip:101@[local]{(isConnected ? ";transport=tcp" : "")}>");

        await RawPhone.InviteAsync(raw, company, "100");
        PhoneCall incoming = await alice.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Signalling);
        Assert.True((await incoming.AnswerAsync()).Accepted);
        RawMessage answer = await raw.ExpectAsync("200 INVITE");
        RawDialog dialog = raw.Dialog(answer);
        dialog.Ack();
        await HearEachOtherAsync(raw, answer, incoming);
        dialog.Send("BYE");
        await raw.ExpectAsync("200 BYE");
        await CarrierScene.EndedAsync(incoming);

        PhoneCall outgoing = await alice.DialAsync("101");
        RawMessage invite = await raw.ExpectAsync("INVITE");
        Assert.Contains("[::1]", invite["Via"], StringComparison.Ordinal);              // RFC 3261 §25.1: a reference, in brackets
        raw.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await raw.ExpectAsync("ACK");
        Assert.True((await outgoing.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        await HearEachOtherAsync(raw, invite, outgoing);
        await outgoing.HangUpAsync();
        raw.Answer(await raw.ExpectAsync("BYE"), "200 OK");
    }

    private static async Task HearEachOtherAsync(HostileCarrier raw, RawMessage described, PhoneCall call)
    {
        Assert.Equal("c=IN IP6 ::1", described.Line("c="));
        Assert.Contains("IN IP6", described.Line("o="), StringComparison.Ordinal);
        call.Play(new Tone(440));
        await raw.Media.HearAsync(440);
        using (raw.Media.Play(620, described.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }
}
