using System.Buffers.Binary;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.AllInOne.Sample;

/// <summary>Calls of a company over the last three months: most of them on working days between eight and six, most of them answered. The same seed and day make the same calls.</summary>
internal sealed class SampleCalls(SampleCompany company, TenantId tenant, DateTime today, int seed)
{
    private const int Days = 90;

    private static readonly (CallDisposition Disposition, int Status, int Cause, string Reason, double Share)[] s_ends =
    [
        (CallDisposition.Answered, 200, 16, "Normal call clearing", .74), (CallDisposition.NoAnswer, 480, 19, "No answer", .12), (CallDisposition.Busy, 486, 17, "User busy", .07),
        (CallDisposition.Cancelled, 487, 16, "Caller hung up", .05), (CallDisposition.Failed, 404, 1, "Unallocated number", .02),
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
            DateTime day = today.AddDays(-1 - _random.Next(Days));
            bool works = day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
            double hour = works || _random.NextDouble() < .3 ? 13 + (Gauss() * 2.6) : _random.NextDouble() * 24;
            if ((works || _random.NextDouble() < .12) && hour is >= 0 and < 24)
                return day.AddMilliseconds(Math.Floor(hour * 3_600_000));
        }
    }

    private CallEnded Make(DateTime start)
    {
        double kind = _random.NextDouble(), pick = _random.NextDouble();
        CallDirection direction = kind < .45 ? CallDirection.Internal : kind < .75 ? CallDirection.Inbound : CallDirection.Outbound;
        int end = 0;
        while (end < s_ends.Length - 1 && (pick -= s_ends[end].Share) > 0)
            end++;
        (CallDisposition disposition, int status, int cause, string reason, _) = s_ends[end];
        int one = _random.Next(company.Extensions), other = (one + 1 + _random.Next(company.Extensions - 1)) % company.Extensions;
        string outside = $"{company.CountryCode}{_random.NextInt64(2_000_000_000, 9_999_999_999)}", own = company.NumberOf(one % 10);
        double rings = 2 + (_random.NextDouble() * (disposition == CallDisposition.NoAnswer ? 28 : 12));
        double talks = Math.Min(5400, Math.Exp(4.6 + Gauss()));
        DateTime? answered = disposition == CallDisposition.Answered ? start.AddSeconds(Math.Round(rings, 3)) : null;
        return new CallEnded
        {
            TenantId = tenant,
            CallId = new CallId(Identifier(start)),
            CallerNumber = direction == CallDirection.Inbound ? outside : Extension(one),
            CallerName = direction == CallDirection.Inbound ? null : company.PersonOf(one),
            CalledNumber = direction switch { CallDirection.Internal => Extension(other), CallDirection.Inbound => own, _ => "9" + outside },
            AnsweredBy = answered is null ? null : direction switch { CallDirection.Internal => Extension(other), CallDirection.Inbound => Extension(one % 10), _ => outside },
            Direction = direction,
            TrunkName = direction == CallDirection.Internal ? null : "carrier",
            TrunkNumber = direction switch { CallDirection.Inbound => own, CallDirection.Outbound => outside, _ => null },
            TrunkStatus = direction == CallDirection.Outbound ? status : null,
            CostMicroUnits = direction == CallDirection.Outbound && answered is not null ? (long)Math.Ceiling(talks / 60) * 12_500 : null,
            Disposition = disposition,
            StartedAt = start,
            AnsweredAt = answered,
            EndedAt = (answered ?? start).AddSeconds(Math.Round(answered is null ? rings : talks, 3)),
            SipStatus = status,
            Reason = reason,
            Q850Cause = cause,
            ReleasedBy = disposition == CallDisposition.Cancelled || _random.Next(2) == 0 ? CallParty.Caller : CallParty.Callee,
            Media = answered is null ? [] : [Leg(CallParty.Caller, talks), Leg(CallParty.Callee, talks)],
        };
    }

    private LegMedia Leg(CallParty party, double seconds)
    {
        long packets = (long)(seconds * 50), lost = _random.Next(12) == 0 ? (long)(packets * _random.NextDouble() * .04) : 0;
        return new LegMedia
        {
            Party = party, Codec = _random.Next(3) == 0 ? "opus" : "PCMA", Encrypted = _random.Next(4) != 0, PacketsSent = packets, PacketsReceived = packets - lost, PacketsLost = lost,
            JitterMilliseconds = Math.Round(1 + Math.Abs(Gauss() * 4), 2), PtimeMilliseconds = 20, RoundTripMilliseconds = Math.Round(8 + Math.Abs(Gauss() * 25), 1), Mos = Math.Round(Math.Max(1.5, 4.4 - (lost * 40.0 / Math.Max(1, packets))), 2),
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
