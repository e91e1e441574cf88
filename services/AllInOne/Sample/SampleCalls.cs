using System.Buffers.Binary;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.AllInOne.Sample;

/// <summary>Calls of a company over the last three months: most of them on working days between eight and six, most of them answered. The same seed and instant make the same calls.</summary>
/// <param name="company">Whose.</param>
/// <param name="tenant">Its tenant.</param>
/// <param name="now">Until when, UTC.</param>
/// <param name="seed">Which ones.</param>
internal sealed class SampleCalls(SampleCompany company, TenantId tenant, DateTime now, int seed)
{
    private const int Days = 90, DrawnDays = 14;

    private static readonly (SampleEnd End, double Share)[] s_ends =
    [
        (SampleEnd.Answered, .70), (SampleEnd.AnsweredByColleague, .04), (SampleEnd.NoAnswer, .10), (SampleEnd.Busy, .055), (SampleEnd.Cancelled, .05), (SampleEnd.Declined, .015),
        (SampleEnd.NoPhone, .015), (SampleEnd.UnknownNumber, .01), (SampleEnd.Barred, .006), (SampleEnd.CarrierAway, .005), (SampleEnd.NoCommonCodec, .004),
    ];

    private readonly Random _random = new(seed);

    /// <summary>The calls, the oldest first.</summary>
    public IReadOnlyList<CallEnded> Make()
    {
        DateTime[] starts = [.. Enumerable.Range(0, company.Calls).Select(_ => Start()).Order()];
        return [.. starts.Select(Make)];
    }

    private DateTime Start()
    {
        while (true)
        {
            DateTime day = now.Date.AddDays(-_random.Next(Days + 1));
            bool works = day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
            double hour = works || _random.NextDouble() < .3 ? 13 + (Gauss() * 2.6) : _random.NextDouble() * 24;
            if ((works || _random.NextDouble() < .12) && hour is >= 0 and < 24 && day.AddMilliseconds(Math.Floor(hour * 3_600_000)) is var start && start < now.AddMinutes(-3))
                return start;
        }
    }

    private CallEnded Make(DateTime start)
    {
        double kind = _random.NextDouble(), pick = _random.NextDouble();
        CallDirection direction = kind < .45 ? CallDirection.Internal : kind < .75 ? CallDirection.Inbound : CallDirection.Outbound;
        int index = 0;
        while (index < s_ends.Length - 1 && (pick -= s_ends[index].Share) > 0)
            index++;
        SampleEnd end = Fitting(s_ends[index].End, direction);
        int one = _random.Next(company.Extensions), other = (one + 1 + _random.Next(company.Extensions - 1)) % company.Extensions, third = (other + 1) % company.Extensions;
        string outside = $"{company.CountryCode}{_random.NextInt64(2_000_000_000, 9_999_999_999)}", own = company.NumberOf(end == SampleEnd.UnknownNumber ? 97 : one % 10);
        double rings = end is SampleEnd.NoPhone or SampleEnd.UnknownNumber or SampleEnd.Barred or SampleEnd.NoCommonCodec ? .2 : end is SampleEnd.NoAnswer or SampleEnd.AnsweredByColleague ? 30 : 2 + (_random.NextDouble() * 12);
        double talks = Math.Min(Math.Min(5400, Math.Exp(4.6 + Gauss())), (now - start).TotalSeconds - 60);
        string called = direction == CallDirection.Inbound ? Extension(one % 10) : Extension(other);
        SampleCall call = new()
        {
            End = end,
            Direction = direction,
            Caller = direction == CallDirection.Inbound ? outside : Extension(one),
            Dialled = (direction, end) switch
            {
                (CallDirection.Internal, SampleEnd.UnknownNumber) => $"{SampleCompany.FirstExtension + company.Extensions + (other % 40)}",
                (CallDirection.Internal, _) => called,
                (CallDirection.Inbound, _) => own,
                (_, SampleEnd.Barred) => $"90900{other:0000}12",
                _ => "9" + outside,
            },
            Outside = direction == CallDirection.Outbound ? end == SampleEnd.Barred ? $"0900{other:0000}12" : outside : null,
            OwnNumber = company.NumberOf(0),
            Callee = called,
            Colleague = Extension(third),
            Rings = (int)(rings * 1000),
            Talks = (int)(talks * 1000),
            ReleasedBy = _random.Next(2) == 0 ? CallParty.Caller : CallParty.Callee,
            Encrypted = _random.Next(4) != 0,
            Seed = _random.Next(1_000_000),
        };
        // A call that is sent on rings for a while at the second phone, too.
        DateTime? answered = call.IsAnswered ? start.AddMilliseconds(call.Rings + (end == SampleEnd.AnsweredByColleague ? 2_600 : 0)) : null;
        List<LegMedia> media = answered is null ? [] : [Leg(CallParty.Caller, call), Leg(CallParty.Callee, call)];
        bool byTrunk = direction != CallDirection.Internal && end != SampleEnd.Barred, silent = media.Exists(leg => leg.PacketsReceived == 0);
        if (silent)
            call = call with { ReleasedBy = CallParty.System };
        return new CallEnded
        {
            TenantId = tenant,
            CallId = new CallId(Identifier(start)),
            CallerNumber = call.Caller,
            CallerName = direction == CallDirection.Inbound ? null : company.PersonOf(one),
            CalledNumber = call.Dialled,
            AnsweredBy = answered is null ? null : end == SampleEnd.AnsweredByColleague ? call.Colleague : call.Outside ?? called,
            Direction = direction,
            TrunkName = byTrunk ? SampleCall.Trunk : null,
            TrunkNumber = byTrunk ? call.Outside ?? own : null,
            TrunkStatus = direction != CallDirection.Outbound || end == SampleEnd.Barred ? null : end == SampleEnd.CarrierAway ? 0 : call.Status,
            CostMicroUnits = direction == CallDirection.Outbound && answered is not null ? (long)Math.Ceiling(talks / 60) * 12_500 : null,
            Disposition = Disposition(call),
            StartedAt = start,
            AnsweredAt = answered,
            EndedAt = answered?.AddMilliseconds(call.Talks) ?? start.AddMilliseconds(call.Rings),
            SipStatus = call.Status,
            Reason = silent ? "No media received" : call.Why.Reason,
            Q850Cause = silent ? 41 : call.Why.Cause,
            ReleasedBy = end == SampleEnd.NoAnswer ? CallParty.System : end == SampleEnd.Cancelled ? CallParty.Caller : call.IsAnswered ? call.ReleasedBy : CallParty.Callee,
            Steps = call.Steps(),
            Media = media,
            // Of calls that went well long ago nobody asks; the others tell why they did not.
            Ladder = answered is null || silent || start > now.AddDays(-DrawnDays) ? SampleLadder.Of(call, media.TrueForAll(leg => leg.Mos is >= 3.6)) : null,
        };
    }

    // Not every end is possible for every call.
    private static SampleEnd Fitting(SampleEnd end, CallDirection direction) => (end, direction) switch
    {
        (SampleEnd.AnsweredByColleague, CallDirection.Outbound) => SampleEnd.Answered,
        (SampleEnd.NoPhone, CallDirection.Outbound) => SampleEnd.CarrierAway,
        (SampleEnd.NoCommonCodec, not CallDirection.Internal) => SampleEnd.Busy,
        (SampleEnd.Barred or SampleEnd.CarrierAway, not CallDirection.Outbound) => SampleEnd.UnknownNumber,
        _ => end,
    };

    private static CallDisposition Disposition(SampleCall call) => call.Status switch
    {
        200 => CallDisposition.Answered,
        486 => CallDisposition.Busy,
        480 => CallDisposition.NoAnswer,
        487 => CallDisposition.Cancelled,
        603 or 403 => CallDisposition.Rejected,
        _ => CallDisposition.Failed,
    };

    private LegMedia Leg(CallParty party, SampleCall call)
    {
        double seconds = call.Talks / 1000.0;
        bool silent = call.Talks > 20_000 && party == CallParty.Callee && _random.Next(250) == 0;          // a firewall at one side
        long packets = silent ? 0 : (long)(seconds * 50), lost = !silent && _random.Next(12) == 0 ? (long)(packets * _random.NextDouble() * .06) : 0;
        return new LegMedia
        {
            Party = party, Codec = call.Direction == CallDirection.Internal ? "opus" : "PCMA", Encrypted = call.Encrypted, PacketsSent = (long)(seconds * 50), PacketsReceived = packets - lost, PacketsLost = lost,
            JitterMilliseconds = silent ? 0 : Math.Round(1 + Math.Abs(Gauss() * 4), 2), PtimeMilliseconds = 20, SentPtimeMilliseconds = 20, RoundTripMilliseconds = silent ? null : Math.Round(8 + Math.Abs(Gauss() * 25), 1),
            Mos = silent ? null : Math.Round(Math.Max(1.5, 4.4 - Math.Abs(Gauss() * .08) - (lost * 40.0 / Math.Max(1, packets))), 2),
        };
    }

    private static string Extension(int index) => $"{SampleCompany.FirstExtension + index}";

    /// <summary>An identifier of version 7 (RFC 9562 §5.7) from the instant and the seeded numbers: records lie in the partition of their month.</summary>
    private Guid Identifier(DateTime at)
    {
        Span<byte> octets = stackalloc byte[16];
        _random.NextBytes(octets);
        BinaryPrimitives.WriteInt64BigEndian(octets, (new DateTimeOffset(at).ToUnixTimeMilliseconds() << 16) | 0x7000L | (BinaryPrimitives.ReadUInt16BigEndian(octets[6..]) & 0x0FFFu));
        octets[8] = (byte)((octets[8] & 0x3F) | 0x80);
        return new Guid(octets, bigEndian: true);
    }

    private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
