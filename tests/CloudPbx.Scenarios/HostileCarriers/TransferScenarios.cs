using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Transfers that a PBX behind a trunk asks for (RFC 3515, RFC 3891; INTEROP I67, I68).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class TransferScenarios(ProductFixture fixture)
{
    private const string Trusted = """{"acceptTransfers":true}""";

    [Fact]
    public async Task I67_I68_what_becomes_of_a_transfer_is_told_line_by_line_and_its_NOTIFY_may_be_refused()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Trusted);
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        Assert.Contains("replaces", answer["Supported"], StringComparison.Ordinal);       // or a transferor makes it a blind one
        Assert.Contains("norefersub", answer["Supported"], StringComparison.Ordinal);
        Phone bob = await scene.Company.RegisterAsync("101", SipTransport.Udp, Sdp.SrtpPolicy.Off);
        dialog.Send("REFER", $"Refer-To: <sip:{scene.OtherNumber}@{scene.Company.Domain}>");
        await carrier.ExpectAsync("202 REFER");
        RawMessage trying = await carrier.ExpectAsync("NOTIFY");
        Assert.Equal("SIP/2.0 100 Trying\r\n", trying.Body);
        Assert.StartsWith("message/sipfrag", trying["Content-Type"], StringComparison.Ordinal);
        carrier.Answer(trying, "200 OK");
        using CancellationTokenSource deadline = new(Deadlines.Signalling);
        Assert.True((await (await bob.IncomingAsync(deadline.Token)).AnswerAsync()).Accepted);
        RawMessage done = await carrier.ExpectAsync("NOTIFY");
        while (!done.Body.StartsWith("SIP/2.0 2", StringComparison.Ordinal))
        {
            carrier.Answer(done, "200 OK");
            done = await carrier.ExpectAsync("NOTIFY");
        }
        Assert.EndsWith("\r\n", done.Body, StringComparison.Ordinal);
        Assert.StartsWith("terminated", done["Subscription-State"], StringComparison.Ordinal);
        carrier.Answer(done, "481 Subscription Does Not Exist");
        carrier.Answer(await carrier.ExpectAsync("BYE"), "200 OK");                       // RFC 5589 §6: the transferor has left
        Assert.False(call.Ended.IsCompleted);
    }

    [Fact]
    public async Task I67_a_transfer_that_fails_leaves_the_call_as_it_was()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Trusted);
        (PhoneCall call, RawDialog dialog, _) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        dialog.Send("REFER", $"Refer-To: <sip:{scene.OtherNumber}@{scene.Company.Domain}>");      // whose phone is away
        await carrier.ExpectAsync("202 REFER");
        RawMessage told = await carrier.ExpectAsync("NOTIFY");
        while (!told["Subscription-State"].StartsWith("terminated", StringComparison.Ordinal))
        {
            carrier.Answer(told, "200 OK");
            told = await carrier.ExpectAsync("NOTIFY");
        }
        carrier.Answer(told, "200 OK");
        Assert.Matches("^SIP/2.0 [4-6][0-9][0-9] .*\r\n$", told.Body);
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
        Assert.False(carrier.Has("BYE"));
    }

    [Fact]
    public async Task I67_a_carrier_that_may_not_transfer_is_told_so_and_the_call_goes_on()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawDialog dialog, _) = await scene.TakeAsync();
        dialog.Send("REFER", "Refer-To: <sip:+881612345678@elsewhere.example>");
        Assert.InRange((await scene.Carrier.ExpectAsync("403 REFER | 405 REFER | 603 REFER")).Status, 400, 699);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I68_who_wants_no_subscription_gets_none()                            // RFC 4488
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Trusted);
        (_, RawDialog dialog, _) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        Phone bob = await scene.Company.RegisterAsync("101", SipTransport.Udp, Sdp.SrtpPolicy.Off);
        dialog.Send("REFER", $"Refer-To: <sip:{scene.OtherNumber}@{scene.Company.Domain}>\nRefer-Sub: false\nSupported: norefersub");
        Assert.Equal("false", (await carrier.ExpectAsync("200 REFER | 202 REFER"))["Refer-Sub"]);
        using CancellationTokenSource deadline = new(Deadlines.Signalling);
        Assert.True((await (await bob.IncomingAsync(deadline.Token)).AnswerAsync()).Accepted);
        carrier.Answer(await carrier.ExpectAsync("BYE"), "200 OK");
        Assert.False(carrier.Has("NOTIFY"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";early-only")]
    public async Task I68_a_call_that_replaces_another_one_takes_its_place_and_early_only_does_not_where_that_is_answered(string flag)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Trusted);
        (PhoneCall call, RawDialog dialog, RawMessage answer) = await scene.TakeAsync();
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number, $"Replaces: {dialog.Call};to-tag={answer.Tag("To")};from-tag={answer.Tag("From")}{flag}\nRequire: replaces", call: "replacing");
        if (flag.Length > 0)
        {
            carrier.AckRefusal(await carrier.ExpectAsync("486 INVITE"));                  // RFC 3891 §3
            Assert.False(call.Ended.IsCompleted);
            return;
        }
        RawMessage replaced = await carrier.ExpectAsync("200 INVITE");
        Assert.StartsWith("replacing@", replaced["Call-ID"], StringComparison.Ordinal);
        carrier.Dialog(replaced).Ack();
        RawMessage bye = await carrier.ExpectAsync("BYE");
        Assert.Equal(dialog.Call, bye["Call-ID"]);
        carrier.Answer(bye, "200 OK");
        using (carrier.Media.Play(620, replaced.Audio))
            await call.Audio.WaitForToneAsync(620, Deadlines.Media);
    }

    [Fact]
    public async Task I68_a_NOTIFY_after_the_end_is_not_a_method_that_nobody_knows()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, Trusted);
        (_, RawDialog dialog, _) = await scene.TakeAsync();
        dialog.Send("BYE");
        await scene.Carrier.ExpectAsync("200 BYE");
        dialog.Send("NOTIFY", "Event: refer\nSubscription-State: terminated;reason=noresource\nContent-Type: message/sipfrag", "SIP/2.0 200 OK\n");
        await scene.Carrier.ExpectAsync("200 NOTIFY | 481 NOTIFY");
    }
}
