using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Tests.Transactions;

/// <summary>Requests that come in: matching, absorbing, timers (RFC 3261 §17.2, RFC 6026, RFC 4320).</summary>
public class ServerTransactionTests
{
    [Fact]
    public void A_repeated_request_is_absorbed_and_its_last_response_comes_again()
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("OPTIONS"));
        wire.Receive(Wire.Request("OPTIONS"));
        Assert.Single(wire.Requests);
        Assert.Empty(wire.Sent);
        wire.Requests[0].Respond(200);
        wire.Receive(Wire.Request("OPTIONS"));
        Assert.Equal([200, 200], wire.Statuses);
        Assert.Equal(2, wire.Layer.Counters.Absorbed);
        wire.Advance(32.1);                              // timer J
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void Of_an_answer_that_nobody_looks_at_again_the_octets_are_kept_for_timer_J()      // §17.2.2, figure 8
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("REGISTER"));
        wire.Requests[0].Respond(200, toTag: "t");
        wire.Advance(31.9);
        wire.Receive(Wire.Request("REGISTER"));
        Assert.Single(wire.Requests);
        Assert.Equal([200, 200], wire.Statuses);
        Assert.Equal(wire.Sent[0].Message.ToString(), wire.Sent[1].Message.ToString());
        Assert.Equal(1, wire.Layer.Count);
        wire.Advance(1.2);
        Assert.Equal(0, wire.Layer.Count);
        wire.Receive(Wire.Request("REGISTER"));
        Assert.Equal(2, wire.Requests.Count);            // a new one
    }

    [Fact]
    public void Of_an_INVITE_whose_2xx_was_acknowledged_the_name_alone_is_kept_for_timer_L()   // RFC 6026 §7.1, RFC 3261 §8.2.2.2, §9.2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        wire.Requests[0].Respond(200, toTag: "t");
        wire.Requests[0].Acknowledged();
        wire.Receive(Wire.Request("INVITE"));
        Assert.Single(wire.Requests);
        Assert.Equal([200], wire.Statuses);              // absorbed, and sent no 2xx: the user's ACK came
        wire.Receive(Wire.Request("INVITE", "z9hG4bKfork"));
        Assert.Equal([200, 482], wire.Statuses);         // the copy that came another way is no new call
        wire.Receive(Wire.Request("CANCEL"));
        Assert.Equal([200, 482, 200], wire.Statuses);    // too late, and answered all the same
        wire.Advance(40);
        Assert.Equal(0, wire.Layer.Count);
        Assert.Empty(wire.Faults);
    }

    [Fact]
    public void A_copy_of_an_answered_request_that_came_another_way_is_merged()                // §8.2.2.2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("MESSAGE", "z9hG4bKone"));
        wire.Requests[0].Respond(200, toTag: "t");
        wire.Receive(Wire.Request("MESSAGE", "z9hG4bKtwo"));
        Assert.Equal([200, 482], wire.Statuses);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public void An_answered_transaction_is_kept_by_nobody()                                    // half a minute of a busy tenant's calls would be, else
    {
        using Wire wire = new();
        (WeakReference invite, WeakReference options) = Answer(wire);
        wire.Requests.Clear();
        GC.Collect();
        Assert.Equal((false, false), (invite.IsAlive, options.IsAlive));
        Assert.NotEqual(0, wire.Layer.Count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (WeakReference Invite, WeakReference Options) Answer(Wire wire)
    {
        wire.Receive(Wire.Request("INVITE", "z9hG4bKi"));
        wire.Requests[0].Respond(200, toTag: "t");
        wire.Requests[0].Acknowledged();
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bKo", callId: "other"));
        wire.Requests[1].Respond(200, toTag: "t");
        return (new WeakReference(wire.Requests[0]), new WeakReference(wire.Requests[1]));
    }

    [Fact]
    public void Kept_octets_answer_their_own_request_only()
    {
        using Wire wire = new();
        for (int i = 0; i < 500; i++)
        {
            wire.Receive(Wire.Request("REGISTER", $"z9hG4bK{i}"));
            wire.Requests[i].Respond(200, toTag: $"t{i}");
        }
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK7"));
        Assert.Equal("OPTIONS", wire.Requests[500].Request.Method.Name);
        for (int i = 0; i < 500; i++)
        {
            wire.Receive(Wire.Request("REGISTER", $"z9hG4bK{i}"));
            Assert.Equal($"t{i}", Assert.IsType<SipResponse>(wire.Sent[^1].Message).To.Tag);
        }
        Assert.Equal(501, wire.Requests.Count);
    }

    [Fact]
    public void On_a_reliable_flow_no_octets_are_kept()                       // timer J is zero
    {
        using Wire wire = new(SipTransport.Tls);
        wire.Receive(Wire.Request("REGISTER"));
        wire.Requests[0].Respond(200);
        Assert.Equal([200], wire.Statuses);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void On_a_reliable_flow_timers_I_and_J_are_zero()
    {
        using Wire wire = new(SipTransport.Tls);
        wire.Receive(Wire.Request("OPTIONS"));
        wire.Requests[0].Respond(200);
        wire.Receive(Wire.Request("INVITE", "z9hG4bKb"));
        wire.Requests[1].Respond(486, toTag: "t");
        wire.Advance(10);
        Assert.Equal([200, 486], wire.Statuses);         // no timer G
        wire.Receive(Wire.Request("ACK", "z9hG4bKb", "t"));
        wire.Advance(0.05);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void A_failure_is_repeated_until_the_ACK_comes()                   // timer G: T1, doubling to T2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        wire.Requests[0].Respond(486, toTag: "t");
        wire.Advance(12);
        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 11.5], wire.Sent.Select(sent => Math.Round(sent.At, 1)));
        wire.Receive(Wire.Request("ACK", toTag: "t"));
        wire.Receive(Wire.Request("ACK", toTag: "t"));
        wire.Advance(4.9);
        Assert.Equal(6, wire.Sent.Count);
        Assert.Empty(wire.Acks);
        wire.Advance(0.2);                               // timer I
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void A_failure_without_ACK_is_told_after_64_T1()                   // timer H
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        wire.Requests[0].Failed += (_, fault) => wire.Faults.Add(fault);
        wire.Requests[0].Respond(486);
        wire.Advance(32.1);
        Assert.Equal([TransactionFault.Timeout], wire.Faults);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void After_a_2xx_the_INVITE_is_absorbed_and_ACKs_are_passed_on()   // RFC 6026 §7.1
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        SipResponse answer = SipResponse.For(wire.Requests[0].Request, 200, null, "t");
        wire.Requests[0].Respond(answer);
        wire.Receive(Wire.Request("INVITE"));
        Assert.Equal([200], wire.Statuses);
        wire.Receive(Wire.Request("ACK", "z9hG4bKother", "t"));
        wire.Receive(Wire.Request("ACK", "z9hG4bKa", "t"));      // a phone that repeats the INVITE's branch
        Assert.Equal(2, wire.Acks.Count);
        wire.Requests[0].Respond(answer);
        Assert.Equal([200, 200], wire.Statuses);
        wire.Requests[0].Respond(500);                   // too late
        Assert.Equal([200, 200], wire.Statuses);
        wire.Advance(32.1);                              // timer L
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void An_INVITE_in_a_dialog_gets_a_100_with_its_To_tag()            // I26, Polycom
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE", toTag: "ours"));
        wire.Advance(0.25);
        Assert.Equal("ours", Assert.IsType<SipResponse>(wire.Sent[0].Message).To.Tag);
        Assert.Equal([100], wire.Statuses);
    }

    [Fact]
    public void A_slow_non_INVITE_gets_100_once_timer_E_is_at_T2_and_never_408()          // RFC 4320 §4.1, §4.2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("MESSAGE"));
        wire.Advance(3.4);
        Assert.Empty(wire.Sent);
        wire.Advance(0.2);
        Assert.Equal([100], wire.Statuses);
        wire.Requests[0].Respond(408);
        wire.Advance(1);
        Assert.Equal([100], wire.Statuses);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void A_request_with_another_sent_by_is_another_request()           // §17.2.3
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("OPTIONS", fromTag: "f1"));
        wire.Receive(Wire.Request("OPTIONS", fromTag: "f2", via: "192.0.2.3:5060"));
        wire.Receive(Wire.Request("OPTIONS", fromTag: "f3", via: "192.0.2.2:5070"));
        Assert.Equal(3, wire.Requests.Count);
    }

    [Theory]
    [InlineData("z9hG4bK")]                              // RFC 4475 §3.2.1 badbranch: nothing after the cookie
    [InlineData("1")]                                    // RFC 2543
    [InlineData("")]
    public void Without_a_good_branch_the_fields_of_RFC_2543_match(string branch)
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE", branch));
        wire.Receive(Wire.Request("INVITE", branch));
        Assert.Single(wire.Requests);
        wire.Receive(Wire.Request("OPTIONS", branch, cseq: 2));
        wire.Receive(Wire.Request("OPTIONS", branch, cseq: 3));
        Assert.Equal(3, wire.Requests.Count);
        wire.Requests[0].Respond(486, toTag: "t");
        wire.Receive(Wire.Request("ACK", branch, "other"));
        Assert.Single(wire.Acks);                        // not of this response
        wire.Receive(Wire.Request("ACK", branch, "t"));
        int sent = wire.Sent.Count;
        wire.Advance(3);
        Assert.Equal(sent, wire.Sent.Count);             // the ACK stopped timer G
    }

    [Theory]
    [InlineData("z9hG4bKa")]
    [InlineData("z9hG4bK")]
    public void A_CANCEL_finds_its_INVITE_and_gets_200(string branch)         // §9.2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE", branch));
        int cancelled = 0;
        wire.Requests[0].Cancelled += (_, _) => cancelled++;
        wire.Requests[0].Respond(180, toTag: "t");
        wire.Receive(Wire.Request("CANCEL", branch));
        wire.Receive(Wire.Request("CANCEL", branch));
        Assert.Equal(1, cancelled);
        Assert.Equal([180, 200, 200], wire.Statuses);
        Assert.Equal("t", wire.Sent[1].Message.To.Tag);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public void A_CANCEL_after_the_final_response_gets_200_and_changes_nothing()          // I18
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        wire.Requests[0].Cancelled += (_, _) => Assert.Fail("too late");
        wire.Requests[0].Respond(200, toTag: "t");
        wire.Receive(Wire.Request("CANCEL"));
        Assert.Equal([200, 200], wire.Statuses);
    }

    [Fact]
    public void A_CANCEL_for_nothing_gets_481()
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("CANCEL"));
        Assert.Equal([481], wire.Statuses);
        Assert.Empty(wire.Requests);
        Assert.Equal(1, wire.Layer.Counters.StrayCancels);
    }

    [Fact]
    public void A_request_that_forked_on_its_way_here_is_served_once()        // §8.2.2.2
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE", "z9hG4bKone"));
        wire.Receive(Wire.Request("INVITE", "z9hG4bKtwo"));
        Assert.Single(wire.Requests);
        Assert.Equal([482], wire.Statuses);
        wire.Receive(Wire.Request("INVITE", "z9hG4bKthree", toTag: "d"));     // in a dialog: not merged
        Assert.Equal(2, wire.Requests.Count);
        Assert.Equal(1, wire.Layer.Counters.Merged);
    }

    [Fact]
    public void A_challenged_request_that_comes_again_with_the_same_CSeq_is_not_merged()
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE", "z9hG4bKone"));
        wire.Requests[0].Respond(401);
        wire.Receive(Wire.Request("INVITE", "z9hG4bKtwo"));
        Assert.Equal(2, wire.Requests.Count);
        wire.Receive(Wire.Request("REGISTER", "z9hG4bKr1", cseq: 9));
        wire.Receive(Wire.Request("REGISTER", "z9hG4bKr2", cseq: 9));         // §10.3: an exact repetition gets 200 from the registrar
        Assert.Equal(4, wire.Requests.Count);
    }

    [Fact]
    public void A_flow_that_refuses_a_response_is_told_later()
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("INVITE"));
        wire.Requests[0].Failed += (_, fault) => wire.Faults.Add(fault);
        wire.Flow.IsBroken = true;
        wire.Requests[0].Respond(180);
        Assert.Empty(wire.Faults);
        wire.Advance(0.05);
        Assert.Equal([TransactionFault.TransportError], wire.Faults);
        wire.Requests[0].Respond(486);                   // a response after the flow broke is a no-op (AST-2020-001)
        wire.Advance(40);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void Above_the_limit_new_calls_get_503_and_the_rest_is_dropped()   // S12; GNOME Calls goes offline for good on 503 to REGISTER
    {
        using Wire wire = new(maximum: 2);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1", callId: "1"));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK2", callId: "2"));
        wire.Receive(Wire.Request("INVITE", "z9hG4bK3", callId: "3"));
        wire.Receive(Wire.Request("REGISTER", "z9hG4bK4", callId: "4"));
        wire.Receive(Wire.Request("INFO", "z9hG4bK5", callId: "5", toTag: "d"));
        Assert.Equal([503], wire.Statuses);
        Assert.InRange(wire.Sent[0].Message.RetryAfter ?? 0, 5u, 10u);
        Assert.Equal((2, 3L), (wire.Layer.Count, wire.Layer.Counters.Overload));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1", callId: "1"));
        Assert.Equal(1, wire.Layer.Counters.Absorbed);
        wire.Receive(Wire.Request("BYE", "z9hG4bK6", callId: "6", toTag: "d"));
        Assert.Equal(3, wire.Requests.Count);            // what ends a call makes room
    }

    [Fact]
    public void S36_what_nobody_may_refuse_is_taken_above_the_limit_with_a_number_of_its_own()
    {
        using Wire wire = new(maximum: 2, takesBeyond: request => request.CallId.StartsWith("help", StringComparison.Ordinal));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1", callId: "1"));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK2", callId: "2"));
        wire.Receive(Wire.Request("MESSAGE", "z9hG4bK3", callId: "help3"));              // calls alone
        wire.Receive(Wire.Request("INVITE", "z9hG4bK4", callId: "help4", toTag: "d"));   // and what begins one
        Assert.Equal((2, 2L), (wire.Requests.Count, wire.Layer.Counters.Overload));
        for (int i = 0; i < TransactionLayer.MaximumBeyond; i++)
            wire.Receive(Wire.Request("INVITE", $"z9hG4bKh{i}", callId: $"help-{i}"));
        Assert.Equal((2 + TransactionLayer.MaximumBeyond, 2L), (wire.Requests.Count, wire.Layer.Counters.Overload));
        wire.Receive(Wire.Request("INVITE", "z9hG4bKi", callId: "help-i"));              // bounded in itself
        Assert.Equal((2 + TransactionLayer.MaximumBeyond, 3L), (wire.Requests.Count, wire.Layer.Counters.Overload));
        wire.Requests[^1].RespondAndForget(SipResponse.For(wire.Requests[^1].Request, 407, null, "t"));
        wire.Receive(Wire.Request("INVITE", "z9hG4bKj", callId: "help-j"));
        Assert.Equal(3L, wire.Layer.Counters.Overload);
    }

    [Fact]
    public void What_lets_a_caller_who_was_taken_be_answered_is_taken_above_the_limit()      // RFC 3262 §3
    {
        using Wire wire = new(maximum: 1);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1", callId: "1"));
        wire.Receive(Wire.Request("PRACK", "z9hG4bK2", callId: "2", toTag: "d"));
        Assert.Equal((2, 0L), (wire.Requests.Count, wire.Layer.Counters.Overload));
    }

    [Fact]
    public void What_was_answered_makes_room_for_what_is_new()           // S12: else half a minute of answered requests, a stranger's too, would silence a tenant
    {
        using Wire wire = new(maximum: 4000);
        for (int i = 0; i < 12_000; i++)
        {
            wire.Receive(Wire.Request("OPTIONS", $"z9hG4bK{i}", callId: $"{i}"));
            wire.Requests[i].Respond(200);
        }
        Assert.Equal(0, wire.Layer.Counters.Overload);
        Assert.InRange(wire.Layer.Count, 3000, 4000);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK11999", callId: "11999"));
        Assert.Equal((1, 12_000), (wire.Layer.Counters.Absorbed, wire.Requests.Count));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK0", callId: "0"));  // the oldest is forgotten, and taken for new
        Assert.Equal(12_001, wire.Requests.Count);
    }

    [Theory]
    [InlineData("INVITE", 200)]                          // RFC 6026 §7.2: Accepted, until timer M
    [InlineData("INVITE", 486)]                          // Completed, until timer D
    [InlineData("OPTIONS", 200)]                         // until timer K
    public void What_others_have_answered_us_makes_room_for_what_is_new(string method, int status)        // S12: half a minute of a busy tenant's calls is more than may be under way
    {
        using Wire wire = new(maximum: 100);
        for (int i = 0; i < 100; i++)
            wire.Respond(wire.Send(method), status);
        Assert.Equal(100, wire.Layer.Count);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK0"));
        Assert.Single(wire.Requests);
        for (int i = 0; i < 99; i++)                     // beyond as many again they do: nothing is without a bound
            wire.Respond(wire.Send(method), status);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1", callId: "1"));
        Assert.Equal((1, 1L), (wire.Requests.Count, wire.Layer.Counters.Overload));
        wire.Advance(40);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK2", callId: "2"));
        Assert.Equal(2, wire.Requests.Count);
    }

    [Fact]
    public void Those_that_wait_for_an_answer_are_counted_as_ever()
    {
        using Wire wire = new(maximum: 2);
        wire.Respond(wire.Send("INVITE"), 200);
        ClientTransaction waiting = wire.Send("INVITE");
        wire.Respond(waiting, 180);
        wire.Send("OPTIONS");
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK0"));
        Assert.Empty(wire.Requests);
        wire.Respond(waiting, 200);
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK0"));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public void What_came_before_is_known_while_its_repetitions_can_come()        // §17.2.2, §17.2.3
    {
        using Wire wire = new();
        Assert.False(wire.Layer.Knows(Parsed("z9hG4bK1")));
        wire.Receive(Wire.Request("OPTIONS", "z9hG4bK1"));
        Assert.True(wire.Layer.Knows(Parsed("z9hG4bK1")));
        Assert.False(wire.Layer.Knows(Parsed("z9hG4bK2")));
        wire.Requests[0].Respond(200);
        Assert.True(wire.Layer.Knows(Parsed("z9hG4bK1")));
        wire.Advance(40);
        Assert.False(wire.Layer.Knows(Parsed("z9hG4bK1")));

        static SipRequest Parsed(string branch)
        {
            Assert.Equal(SipParseError.None, SipMessage.TryParse(System.Text.Encoding.ASCII.GetBytes(Wire.Request("OPTIONS", branch)), out SipMessage? message));
            return Assert.IsType<SipRequest>(message);
        }
    }

    [Theory]                                             // S12, RFC 3261 §26.3.2.4: a challenge is neither kept nor repeated
    [InlineData("INVITE", 407)]
    [InlineData("REGISTER", 401)]
    public void S12_a_request_that_is_answered_and_forgotten_leaves_nothing_behind(string method, int status)
    {
        using Wire wire = new();
        for (int i = 1; i <= 3; i++)                     // twice the same, as after a lost response, and another one
        {
            wire.Receive(Wire.Request(method, i < 3 ? "z9hG4bK1" : "z9hG4bK2"));
            wire.Requests[^1].RespondAndForget(SipResponse.For(wire.Requests[^1].Request, status, toTag: "t"));
            Assert.Equal((true, true, 0), (wire.Requests[^1].IsAnswered, wire.Requests[^1].IsTerminated, wire.Layer.Count));
        }
        wire.Advance(40);
        Assert.Equal([status, status, status], wire.Statuses);
        Assert.Empty(wire.Faults);
    }

    [Fact]
    public void A_provisional_response_to_a_non_INVITE_other_than_100_is_a_bug_of_ours()
    {
        using Wire wire = new();
        wire.Receive(Wire.Request("OPTIONS"));
        Assert.Throws<ArgumentException>(() => wire.Requests[0].Respond(180));
    }
}
