using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Answers that cross CANCEL, answers that are lost, ends that never come (RFC 3261 §9, §13.3.1.4, RFC 4028 §10; INTEROP I6, I15, I18 to I20).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class EndingScenarios(ProductFixture fixture)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(32 + 13);          // 64·T1, and a busy machine
    private static readonly TimeSpan s_session = TimeSpan.FromSeconds(90);               // the shortest that there is (RFC 4028 §5)

    [Fact]
    public async Task I18_an_answer_that_crosses_our_CANCEL_is_acknowledged_and_hung_up()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "180 Ringing");
        await call.Ringing.WaitAsync(Deadlines.Signalling);
        await call.HangUpAsync();
        RawMessage cancel = await carrier.ExpectAsync("CANCEL");
        Assert.Equal((invite.Branch, invite.Sequence, ""), (cancel.Branch, cancel.Sequence, cancel.Tag("To")));      // RFC 3261 §9.1
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        carrier.Answer(cancel, "200 OK");
        await carrier.ExpectAsync("ACK");
        carrier.Answer(await carrier.ExpectAsync("BYE"), "200 OK");
        Assert.Equal("cancelled", (await scene.RecordAsync()).GetProperty("disposition").GetString());
        Assert.Equal(0, (await scene.TrunkAsync()).GetProperty("calls").GetInt32());
    }

    [Fact]
    public async Task I18_a_CANCEL_after_our_answer_changes_nothing()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number);
        PhoneCall call = await scene.IncomingAsync();
        RawMessage ringing = await carrier.ExpectAsync("180 INVITE");
        Assert.True((await call.AnswerAsync()).Accepted);
        RawMessage answer = await carrier.ExpectAsync("200 INVITE");
        carrier.Cancel(ringing);
        await carrier.ExpectAsync("200 CANCEL");
        RawDialog dialog = carrier.Dialog(answer);
        dialog.Ack();
        Assert.False(call.Ended.IsCompleted);
        dialog.Send("BYE");
        await carrier.ExpectAsync("200 BYE");
        Assert.Equal(CallEndedBy.Peer, (await CarrierScene.EndedAsync(call)).By);
    }

    [Fact]
    public async Task I18_a_CANCEL_while_it_rings_ends_the_ringing()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number);
        PhoneCall call = await scene.IncomingAsync();
        carrier.Cancel(await carrier.ExpectAsync("180 INVITE"));
        await carrier.ExpectAsync("200 CANCEL");
        carrier.AckRefusal(await carrier.ExpectAsync("487 INVITE"));
        await CarrierScene.EndedAsync(call);
    }

    [Fact]
    public async Task I20_each_repetition_of_an_answer_is_acknowledged_again()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        RawMessage ack = await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        for (int repetition = 0; repetition < 3; repetition++)
        {
            carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
            await carrier.ExpectAgainAsync(ack);
        }
        await scene.HangUpAsync(call);
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);                       // and after the end it does no harm
        Assert.Equal("answered", (await scene.RecordAsync()).GetProperty("disposition").GetString());
    }

    /// <summary>What ends only with 64·T1 or with a session, all at one time: it is a minute.</summary>
    [Fact]
    public async Task I6_I15_I19_I20_who_never_acknowledges_never_ends_and_never_refreshes_keeps_no_call()
    {
        // Its phones ring for longer than that.
        await using CarrierScene pracks = await CarrierScene.SetAsync(fixture, company: await Company.FoundAsync(fixture.Pbx, TestContext.Current.CancellationToken, ringSeconds: 90)), ends = await CarrierScene.SetAsync(fixture), acks = await CarrierScene.SetAsync(fixture);
        await using CarrierScene silent = await CarrierScene.SetAsync(fixture), refreshes = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, RawMessage answered) = await refreshes.TalkAsync("Session-Expires: 90;refresher=uas\nRequire: timer");
        RawDialog dialog = refreshes.Carrier.Dialog(answered);
        using IDisposable speech = refreshes.Carrier.Media.Play(620, answered.Audio);     // a minute without any would end the call, too
        Task over = NoRefreshAsync(silent);
        await Task.WhenAll(NoPrackAsync(pracks), NoEndAsync(ends), NoAckAsync(acks));
        Assert.False(over.IsCompleted);
        dialog.Send("UPDATE", "Session-Expires: 90;refresher=uac\nSupported: timer");     // half way: the time begins anew
        await refreshes.Carrier.ExpectAsync("200 UPDATE");
        await over;
        Assert.Equal(0, refreshes.Carrier.Count("BYE"));
        await refreshes.HangUpAsync(call);

        static async Task NoRefreshAsync(CarrierScene scene)                             // I15
        {
            (PhoneCall call, RawMessage invite) = await scene.TalkAsync("Session-Expires: 90;refresher=uas\nRequire: timer");
            using IDisposable speech = scene.Carrier.Media.Play(620, invite.Audio);
            scene.Carrier.Answer(await scene.Carrier.ExpectAsync("BYE", s_session), "200 OK");        // §10: a third of it earlier
            await CarrierScene.EndedAsync(call);
        }

        static async Task NoPrackAsync(CarrierScene scene)                               // I6
        {
            scene.Carrier.Invite(scene.Number, "Require: 100rel");
            PhoneCall call = await scene.IncomingAsync();
            RawMessage ringing = await scene.Carrier.ExpectAsync("180 INVITE");
            await scene.Carrier.ExpectAgainAsync(ringing);
            RawMessage failure = await scene.Carrier.ExpectAsync("500 INVITE | 503 INVITE | 504 INVITE", s_timeout);
            scene.Carrier.AckRefusal(failure);
            await CarrierScene.EndedAsync(call);
        }

        static async Task NoEndAsync(CarrierScene scene)                                 // I19
        {
            PhoneCall call = await scene.DialAsync();
            scene.Carrier.Answer(await scene.Carrier.ExpectAsync("INVITE"), "180 Ringing");
            await call.Ringing.WaitAsync(Deadlines.Signalling);
            await call.HangUpAsync();
            scene.Carrier.Answer(await scene.Carrier.ExpectAsync("CANCEL"), "200 OK");      // and no 487
            Assert.Equal("cancelled", (await scene.RecordAsync()).GetProperty("disposition").GetString());
            await CarrierScene.EndedAsync(call);
            long end = Environment.TickCount64 + (long)s_timeout.TotalMilliseconds;
            while ((await scene.TrunkAsync()).GetProperty("calls").GetInt32() > 0)
                Assert.True(Environment.TickCount64 < end, scene.Carrier.Trace);
        }

        static async Task NoAckAsync(CarrierScene scene)                                 // I20
        {
            scene.Carrier.Invite(scene.Number);
            PhoneCall call = await scene.IncomingAsync();
            Assert.True((await call.AnswerAsync()).Accepted);
            RawMessage answer = await scene.Carrier.ExpectAsync("200 INVITE");
            for (int repetition = 0; repetition < 3; repetition++)
                await scene.Carrier.ExpectAgainAsync(answer);
            scene.Carrier.Answer(await scene.Carrier.ExpectAsync("BYE", s_timeout), "200 OK");
            await CarrierScene.EndedAsync(call);
        }
    }
}
