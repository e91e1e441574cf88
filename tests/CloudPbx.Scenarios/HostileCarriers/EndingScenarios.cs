using System.Diagnostics;
using System.Text.Json.Nodes;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Answers that cross CANCEL, answers that are lost, ends that never come (RFC 3261 §9, §13.3.1.4, RFC 4028 §10; INTEROP I6, I15, I18 to I20, I30).</summary>
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
    public async Task I18_answers_and_CANCELs_that_cross_within_a_millisecond_leave_no_channel_behind()      // RFC 3261 §9.1, §9.2
    {
        const int rounds = 40;
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        int answered = 0;
        for (int round = 0; round < rounds; round++)
        {
            // The carrier gives up at the moment in which Alice answers.
            carrier.Invite(scene.Number, call: $"in{round}");
            PhoneCall incoming = await scene.IncomingAsync();
            RawMessage ringing = await carrier.ExpectAsync("180 INVITE");
            Task<CallAnswer> answer = Task.Run(incoming.AnswerAsync);
            Linger(round);
            carrier.Cancel(ringing);
            await carrier.ExpectAsync("200 CANCEL");
            RawMessage end = await carrier.ExpectAsync("200 INVITE | 487 INVITE");
            await answer;
            if (end.Status == 200)
            {
                answered++;
                RawDialog dialog = carrier.Dialog(end);
                dialog.Ack();
                dialog.Send("BYE");
                await carrier.ExpectAsync("200 BYE");
            }
            else
            {
                carrier.AckRefusal(end);
            }
            await CarrierScene.EndedAsync(incoming);

            // Alice gives up at the moment in which the carrier answers.
            PhoneCall outgoing = await scene.DialAsync();
            RawMessage invite = await carrier.ExpectAsync("INVITE");
            carrier.Answer(invite, "180 Ringing");
            await outgoing.Ringing.WaitAsync(Deadlines.Signalling);
            Task given = Task.Run(outgoing.HangUpAsync);
            Linger(round);
            carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
            await carrier.ExpectAsync("ACK");
            carrier.Answer(await carrier.ExpectAsync("BYE"), "200 OK");
            await given;
            await CarrierScene.EndedAsync(outgoing);
        }
        await scene.RecordAsync(2 * rounds);
        Assert.Equal(0, (await scene.TrunkAsync()).GetProperty("calls").GetInt32());
        Assert.Equal(0, (await fixture.Pbx.Api.GetAsync($"tenants/{scene.Company.Name}/calls/live", TestContext.Current.CancellationToken)).GetProperty("items").GetArrayLength());
        TestContext.Current.TestOutputHelper?.WriteLine($"{answered} of {rounds} answers came first");

        // A little more each round, up to two milliseconds: so either side is the first now and then.
        static void Linger(int round)
        {
            long end = Stopwatch.GetTimestamp() + (Stopwatch.Frequency * round / (500 * rounds));
            while (Stopwatch.GetTimestamp() < end)
                Thread.SpinWait(10);
        }
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
    public async Task I6_I15_I19_I20_I30_who_never_acknowledges_never_ends_never_refreshes_and_never_answers_keeps_no_call()
    {
        // Its phones ring for longer than that.
        await using CarrierScene pracks = await CarrierScene.SetAsync(fixture, company: await Company.FoundAsync(fixture.Pbx, TestContext.Current.CancellationToken, ringSeconds: 90)), ends = await CarrierScene.SetAsync(fixture), acks = await CarrierScene.SetAsync(fixture);
        await using CarrierScene silent = await CarrierScene.SetAsync(fixture), refreshes = await CarrierScene.SetAsync(fixture), timeless = await CarrierScene.SetAsync(fixture, """{"sessionTimer":"off"}""");
        await using CarrierScene misses = await CarrierScene.SetAsync(fixture, carriers: 2, trunk: (trunk, place) =>
        {
            if (place == 0)
                trunk["changes"] = new JsonObject { ["optionsKeepAlive"] = true, ["optionsIntervalSeconds"] = 10 };
        });
        Task recovered = MissesAsync(misses);
        (PhoneCall endless, RawMessage taken) = await timeless.TalkAsync("Session-Expires: 90;refresher=uas\nRequire: timer");
        using IDisposable talk = timeless.Carrier.Media.Play(620, taken.Audio);
        timeless.Carrier.Dialog(taken).Send("UPDATE");                                    // RFC 4028 §9: a refresh that does not speak of the timer ends it
        Assert.Equal("", (await timeless.Carrier.ExpectAsync("200 UPDATE"))["Session-Expires"]);
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
        Assert.False(endless.Ended.IsCompleted, timeless.Carrier.Trace);                  // it began before the one that is over
        Assert.Equal((0, 0), (timeless.Carrier.Count("BYE"), timeless.Carrier.Count("INVITE") - 1));
        await timeless.HangUpAsync(endless);
        await recovered;

        static async Task MissesAsync(CarrierScene scene)                                // I30
        {
            for (int miss = 0; miss < 5; miss++)
                await scene.Carrier.ExpectAsync("OPTIONS", s_timeout);
            await ReachAsync(scene, "down");
            await scene.DialAsync();
            await scene.Carriers[1].ExpectAsync("INVITE");
            Assert.False(scene.Carrier.Has("INVITE"));
            scene.Carrier.Answer(await scene.Carrier.ExpectAsync("OPTIONS", s_timeout), "200 OK");
            await ReachAsync(scene, "up");
            await scene.DialAsync();
            await scene.Carrier.ExpectAsync("INVITE");
        }

        static async Task ReachAsync(CarrierScene scene, string reach)
        {
            long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
            while ((await scene.TrunkAsync()).GetProperty("reach").GetString() != reach)      // the API tells it when it is asked only
                Assert.True(Environment.TickCount64 < end, scene.Carrier.Trace);
        }

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
