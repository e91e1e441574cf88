using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

/// <summary>The notifier (RFC 6665 §4.2).</summary>
public sealed class SubscriptionTests : IDisposable
{
    private readonly Notifier _notifier = new();

    [Fact]
    public void A_SUBSCRIBE_gets_200_with_what_was_granted_and_a_NOTIFY_at_once()          // §4.2.1.2, §8.3.1: 202 is gone
    {
        SipResponse response = _notifier.Subscribe();
        Assert.Equal((200, "600", "dialog"), (response.StatusCode, response.Headers.Get(SipHeaderName.Expires), response.Headers.Get(SipHeaderName.AllowEvents)));
        Assert.Equal("token", response.Contacts[0].Uri.User);
        SipRequest notify = Assert.Single(_notifier.Notifies);
        Assert.Equal(SipMethod.Notify, notify.Method);
        Assert.Equal(("dialog", "active;expires=600"), (notify.Headers.Get(SipHeaderName.Event), notify.Headers.Get(SipHeaderName.SubscriptionState)));
        Assert.Equal(("sip:100@192.0.2.2", "application/dialog-info+xml", "0 idle"), (notify.RequestUri.ToString(), notify.ContentType, Body(notify)));
        Assert.Equal(("c", "f", response.To.Tag), (notify.CallId, notify.To.Tag, notify.From.Tag));
        Assert.Equal("token", notify.Contacts[0].Uri.User);
    }

    [Theory]                                                                               // §4.2.1.1, §8.3.2
    [InlineData("Event", "presence", 489, "Allow-Events", "dialog")]
    [InlineData("Event", "message-summary", 489, "Allow-Events", "dialog")]
    [InlineData("Event", null, 489, "Allow-Events", "dialog")]
    [InlineData("Accept", "application/pidf+xml", 406, "Accept", "application/dialog-info+xml")]
    [InlineData("Expires", "59", 423, "Min-Expires", "60")]
    [InlineData("Expires", "soon", 400, null, null)]
    [InlineData("Contact", null, 400, null, null)]
    public void What_cannot_be_had_is_refused(string name, string? value, int status, string? field, string? says)
    {
        SipResponse response = _notifier.Subscribe(fields: (name, value));
        Assert.Equal(status, response.StatusCode);
        if (field is not null)
            Assert.Equal(says, response.Headers.Get(field));
        Assert.Empty(_notifier.Notifies);
        Assert.Equal(0, _notifier.Layer.DialogCount);
    }

    [Theory]
    [InlineData("application/dialog-info+xml")]
    [InlineData("application/pidf+xml, Application/Dialog-Info+XML;q=0.5")]
    [InlineData("application/*")]
    [InlineData("*/*")]
    public void Whoever_takes_the_format_is_served(string accept) => Assert.Equal(200, _notifier.Subscribe(fields: ("Accept", accept)).StatusCode);

    [Theory]
    [InlineData(null, "600")]                                                              // §5.4.4: the package's default, an hour, and no more than may be
    [InlineData("60", "60")]
    [InlineData("599", "599")]
    [InlineData("86400", "600")]
    [InlineData("99999999999999999999", "600")]
    public void A_wish_is_granted_as_far_as_may_be(string? wish, string granted) => Assert.Equal(granted, _notifier.Subscribe(wish).Headers.Get(SipHeaderName.Expires));

    [Fact]
    public void Expires_0_asks_for_the_present_state_and_leaves_nothing()                  // §4.4.3
    {
        SipResponse response = _notifier.Subscribe("0");
        Assert.Equal((200, "0"), (response.StatusCode, response.Headers.Get(SipHeaderName.Expires)));
        Assert.Equal(("terminated;reason=timeout", "0 idle"), (StateOf(_notifier.LastNotify), Body(_notifier.LastNotify)));
        Assert.True(_notifier.Last!.IsEnded);
        _notifier.Answer(200);
        Assert.Equal(0, _notifier.Layer.DialogCount);
    }

    [Fact]
    public void A_refresh_is_answered_in_the_dialog_and_told_the_present_state()
    {
        string tag = _notifier.Begin();
        _notifier.Advance(300);
        _notifier.State = "busy";
        SipResponse response = _notifier.Subscribe("500", tag, 2);
        Assert.Equal((200, "500", tag), (response.StatusCode, response.Headers.Get(SipHeaderName.Expires), response.To.Tag));
        Assert.Equal(("active;expires=500", "1 busy", 2u), (StateOf(_notifier.LastNotify), Body(_notifier.LastNotify), _notifier.LastNotify.CSeq.Number));
        _notifier.Answer(200);
        _notifier.Advance(400);
        Assert.False(_notifier.Last!.IsEnded);
        Assert.Equal(2, _notifier.Notifies.Count());
    }

    [Fact]
    public void A_refresh_takes_NOTIFYs_to_a_new_Contact()                                 // §4.1.2.1: a target refresh request
    {
        string tag = _notifier.Begin();
        _notifier.Subscribe(toTag: tag, cseq: 2, fields: ("Contact", "<sip:100@192.0.2.77:5070>"));
        Assert.Equal("sip:100@192.0.2.77:5070", _notifier.LastNotify.RequestUri.ToString());
    }

    [Fact]
    public void A_refresh_with_an_old_CSeq_gets_500()                                      // RFC 3261 §12.2.2
    {
        string tag = _notifier.Begin();
        Assert.Equal(200, _notifier.Subscribe(toTag: tag, cseq: 5).StatusCode);
        Assert.Equal(500, _notifier.Subscribe(toTag: tag, cseq: 4).StatusCode);
    }

    [Fact]
    public void A_refresh_that_cannot_be_had_changes_nothing()
    {
        string tag = _notifier.Begin();
        Assert.Equal(423, _notifier.Subscribe("5", tag, 2).StatusCode);
        Assert.Equal(489, _notifier.Subscribe(toTag: tag, cseq: 3, fields: ("Event", "presence")).StatusCode);
        Assert.Equal(403, _notifier.Subscribe(toTag: tag, cseq: 4, fields: ("Event", "dialog;id=2")).StatusCode);      // §4.5.2
        Assert.False(_notifier.Last!.IsEnded);
        Assert.Single(_notifier.Notifies);
    }

    [Fact]
    public void Expires_0_in_the_dialog_ends_it()                                          // §4.1.2.3
    {
        string tag = _notifier.Begin();
        Assert.Equal("0", _notifier.Subscribe("0", tag, 2).Headers.Get(SipHeaderName.Expires));
        Assert.Equal("terminated;reason=timeout", StateOf(_notifier.LastNotify));
        _notifier.Answer(200);
        Assert.Equal(481, _notifier.Subscribe(toTag: tag, cseq: 3).StatusCode);            // §4.1.2.2, I69
        Assert.Contains("ended", _notifier.Told);
    }

    [Fact]
    public void What_is_not_refreshed_ends_with_a_last_NOTIFY()                            // §4.2.2, §4.4.1
    {
        _notifier.Begin("60");
        _notifier.Advance(59);
        Assert.False(_notifier.Last!.IsEnded);
        _notifier.Advance(1.1);
        Assert.True(_notifier.Last.IsEnded);
        Assert.Equal("terminated;reason=timeout", StateOf(_notifier.LastNotify));
        _notifier.Answer(481);
        Assert.Equal(0, _notifier.Layer.DialogCount);
        _notifier.Advance(60);
        Assert.Equal(2, _notifier.Notifies.Count());
    }

    [Theory]                                                                               // §4.1.3
    [InlineData(SubscriptionEnd.NoResource, null, "terminated;reason=noresource")]
    [InlineData(SubscriptionEnd.Deactivated, null, "terminated;reason=deactivated")]
    [InlineData(SubscriptionEnd.Rejected, null, "terminated;reason=rejected")]
    [InlineData(SubscriptionEnd.Probation, 3600, "terminated;reason=probation;retry-after=3600")]
    public void An_owner_ends_it_and_says_why(SubscriptionEnd end, int? retryAfter, string says)
    {
        _notifier.Begin();
        _notifier.Last!.End(end, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        Assert.Equal(says, StateOf(_notifier.LastNotify));
        _notifier.Last.End(SubscriptionEnd.Timeout);
        _notifier.Last.Notify();
        _notifier.Answer(200);
        Assert.Equal(2, _notifier.Notifies.Count());
    }

    [Fact]
    public void One_NOTIFY_at_a_time_and_what_changes_meanwhile_is_told_together()         // §4.2.2
    {
        _notifier.Subscribe();
        _notifier.Change("ringing");
        _notifier.Change("busy");
        _notifier.Advance(5);
        Assert.Single(_notifier.Notifies);
        _notifier.Answer(200);
        Assert.Equal(["0 idle", "1 busy"], _notifier.Notifies.Select(Body));
    }

    [Fact]
    public void An_end_waits_for_the_NOTIFY_under_way()
    {
        _notifier.Subscribe();
        _notifier.Last!.End(SubscriptionEnd.NoResource);
        Assert.Single(_notifier.Notifies);
        _notifier.Answer(200);
        Assert.Equal("terminated;reason=noresource", StateOf(_notifier.LastNotify));
        _notifier.Answer(200);
        Assert.Equal(0, _notifier.Layer.DialogCount);
    }

    [Fact]
    public void No_more_than_one_NOTIFY_a_second_is_sent_that_nobody_asked_for()           // §5.4.9, RFC 4235 §3.10
    {
        string tag = _notifier.Begin();
        _notifier.Change("ringing");
        Assert.Single(_notifier.Notifies);
        _notifier.Subscribe(toTag: tag, cseq: 2);                                          // this one did
        Assert.Equal(2, _notifier.Notifies.Count());
        _notifier.Answer(200);
        _notifier.Change("busy");
        _notifier.Change("idle");
        _notifier.Advance(0.9);
        Assert.Equal(2, _notifier.Notifies.Count());
        _notifier.Advance(0.2);
        Assert.Equal("2 idle", Body(_notifier.LastNotify));
        _notifier.Answer(200);
        _notifier.Advance(5);
        _notifier.Change("ringing");
        Assert.Equal("3 ringing", Body(_notifier.LastNotify));                             // at once, after a while of silence
    }

    [Theory]                                                                               // §4.2.2, RFC 5057 §5.1
    [InlineData(481)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    [InlineData(480)]
    [InlineData(489)]
    [InlineData(501)]
    public void A_subscriber_that_knows_nothing_of_it_ends_it(int status)
    {
        _notifier.Subscribe();
        _notifier.Answer(status);
        Assert.True(_notifier.Last!.IsEnded);
        Assert.Single(_notifier.Notifies);
        Assert.Equal(0, _notifier.Layer.DialogCount);
    }

    [Fact]
    public void A_NOTIFY_that_nobody_answers_does_not_end_it_at_once()                     // I69: Cisco SPA
    {
        using Notifier notifier = new(SipTransport.Udp);
        notifier.Subscribe();
        notifier.Advance(33);                                                              // timer F
        Assert.Equal(["408"], notifier.Told);
        Assert.False(notifier.Last!.IsEnded);
        notifier.Change("busy");
        int sent = notifier.Notifies.Count();
        notifier.Advance(31);
        Assert.True(notifier.Notifies.Count() > sent);
        Assert.Equal("1 busy", Body(notifier.LastNotify));
        notifier.Answer(200);
        notifier.Advance(120);
        Assert.False(notifier.Last.IsEnded);
    }

    [Fact]
    public void But_it_is_tried_a_few_times_only()
    {
        using Notifier notifier = new(SipTransport.Udp);
        notifier.Subscribe();
        notifier.Advance(280);                                                             // four times timer F, three pauses
        Assert.True(notifier.Last!.IsEnded);
        Assert.Equal(["408", "408", "408", "408", "ended"], notifier.Told.Where(told => told != "changed"));
        Assert.Equal(0, notifier.Layer.DialogCount);
        Assert.Equal(4, notifier.Notifies.Select(notify => notify.CSeq.Number).Distinct().Count());
    }

    [Fact]
    public void A_challenge_to_a_NOTIFY_is_not_answered()                                  // S4
    {
        _notifier.Subscribe();
        _notifier.Answer(401, ("WWW-Authenticate", "Digest realm=\"sip.test\", nonce=\"n\""));
        Assert.Single(_notifier.Notifies);
        _notifier.Advance(31);
        Assert.Equal(2, _notifier.Notifies.Count());
        Assert.All(_notifier.Notifies, notify => Assert.Null(notify.Headers.Get(SipHeaderName.Authorization)));
    }

    [Fact]
    public void Retry_After_is_kept()                                                      // §4.2.2
    {
        _notifier.Subscribe();
        _notifier.Answer(500, ("Retry-After", "90 (busy)"));
        _notifier.Advance(89);
        Assert.Single(_notifier.Notifies);
        _notifier.Advance(2);
        Assert.Equal(2, _notifier.Notifies.Count());
    }

    [Fact]
    public void A_lost_flow_is_waited_for_and_what_was_missed_is_told_on_the_new_one()     // RFC 5626 §11.2, I70
    {
        _notifier.Begin();
        _notifier.Advance(2);
        _notifier.Change("ringing");
        _notifier.Answer(430);
        _notifier.Change("busy");
        _notifier.Advance(100);
        Assert.Equal(2, _notifier.Notifies.Count());
        FakeFlow other = _notifier.NewFlow();
        _notifier.Last!.MoveTo(other);
        Assert.Equal("2 busy", Body(_notifier.LastNotify));
        Assert.Same(other, _notifier.Last.Flow);
        Assert.Contains("changed", _notifier.Told);
    }

    [Fact]
    public void A_flow_that_breaks_while_it_sends_is_no_end()
    {
        _notifier.Begin();
        _notifier.Advance(2);
        _notifier.Flow.IsBroken = true;
        _notifier.Change("ringing");
        _notifier.Advance(1);
        Assert.False(_notifier.Last!.IsEnded);
        _notifier.Last.MoveTo(_notifier.NewFlow());
        Assert.Contains("ringing", Body(_notifier.LastNotify), StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_owner_goes_on_with_higher_CSeq_and_version()                      // I69: Polycom
    {
        string tag = _notifier.Begin();
        uint cseq = _notifier.LastNotify.CSeq.Number;
        _notifier.Move();
        Assert.Single(_notifier.Notifies);                                                 // not before its owner says so
        _notifier.Change("busy");
        Assert.Equal(("101 busy", cseq + 101), (Body(_notifier.LastNotify), _notifier.LastNotify.CSeq.Number));
        Assert.Equal(tag, _notifier.LastNotify.From.Tag);
        _notifier.Answer(200);
        Assert.Equal(200, _notifier.Subscribe(toTag: tag, cseq: 2).StatusCode);
        _notifier.Advance(601);
        Assert.True(_notifier.Last!.IsEnded);
    }

    [Fact]
    public void It_wants_to_be_stored_long_before_the_next_owner_could_fall_behind()
    {
        _notifier.Begin();
        _notifier.Last!.ToState();
        _notifier.Told.Clear();
        for (int i = 0; i < 40; i++)
        {
            _notifier.Advance(2);
            _notifier.Change("state " + i);
            _notifier.Answer(200);
        }
        Assert.Contains("changed", _notifier.Told);
    }

    [Fact]
    public void An_id_is_said_in_each_NOTIFY()                                             // §8.2.1
    {
        _notifier.Begin(fields: ("Event", "dialog;id=x7;sla"));
        Assert.Equal("dialog;id=x7", _notifier.LastNotify.Headers.Get(SipHeaderName.Event));
    }

    [Theory]
    [InlineData("OPTIONS", 200)]
    [InlineData("BYE", 481)]
    [InlineData("NOTIFY", 481)]
    [InlineData("INVITE", 481)]
    public void Nothing_else_lives_in_its_dialog(string method, int status)
    {
        string tag = _notifier.Begin();
        Assert.Equal(status, _notifier.Subscribe(null, tag, 2, method).StatusCode);
        Assert.False(_notifier.Last!.IsEnded);
    }

    [Fact]
    public void Who_is_not_admitted_changes_nothing()                                      // S11
    {
        string tag = _notifier.Begin();
        _notifier.Last!.Admit = transaction =>
        {
            transaction.Respond(403);
            return false;
        };
        Assert.Equal(403, _notifier.Subscribe("0", tag, 2).StatusCode);
        Assert.False(_notifier.Last.IsEnded);
    }

    [Fact]
    public void One_that_is_abandoned_is_silent()
    {
        _notifier.Subscribe();
        _notifier.Last!.Abandon();
        _notifier.Answer(500);
        _notifier.Advance(700);
        Assert.Single(_notifier.Notifies);
        Assert.Equal(0, _notifier.Layer.DialogCount);
    }

    public void Dispose() => _notifier.Dispose();

    private static string StateOf(SipRequest notify) => notify.Headers.Get(SipHeaderName.SubscriptionState)!;

    private static string Body(SipRequest notify) => System.Text.Encoding.ASCII.GetString(notify.Body.Span);
}
