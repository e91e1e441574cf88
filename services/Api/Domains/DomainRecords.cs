using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Contracts.Api;

namespace CloudPbx.Api.Domains;

/// <summary>Which records a domain needs (RFC 3263 §4) and whether what DNS has is as good.</summary>
internal static class DomainRecords
{
    /// <summary>The label under which the proof lies.</summary>
    public const string ProofLabel = "_cloudpbx";

    private static readonly (string Service, string Naptr, bool Secure)[] s_services =
        [("_sips._tcp", "SIPS+D2T", true), ("_sip._tcp", "SIP+D2T", false), ("_sip._udp", "SIP+D2U", false)];

    /// <summary>Gives the records.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="token">What proves it; <see langword="null"/>: nothing is to be proven any more.</param>
    /// <param name="access">Where it has to lead.</param>
    public static IReadOnlyList<DnsRecordDto> Of(string domain, string? token, SipAccess access)
    {
        List<DnsRecordDto> records = [];
        if (token is not null)
            records.Add(new DnsRecordDto { Type = "TXT", Name = $"{ProofLabel}.{domain}", Value = $"cloudpbx-domain={token}", Purpose = DnsPurpose.Proof });
        // An SRV record names a host, never an address (RFC 2782): a server without a name gets one in the domain.
        bool isAddress = IPAddress.TryParse(access.Host, out IPAddress? address);
        string host = isAddress ? $"sip.{domain}" : access.Host;
        foreach ((string service, _, bool secure) in s_services)
            records.Add(new DnsRecordDto { Type = "SRV", Name = $"{service}.{domain}", Value = string.Create(CultureInfo.InvariantCulture, $"10 10 {(secure ? access.TlsPort : access.SipPort)} {host}"), Purpose = DnsPurpose.Server });
        if (isAddress)
            records.Add(new DnsRecordDto { Type = address!.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA", Name = host, Value = address.ToString(), Purpose = DnsPurpose.Server });
        int order = 0;
        foreach ((string service, string naptr, _) in s_services)
            records.Add(new DnsRecordDto { Type = "NAPTR", Name = domain, Value = string.Create(CultureInfo.InvariantCulture, $"{order += 10} 10 \"s\" \"{naptr}\" \"\" {service}.{domain}"), Purpose = DnsPurpose.Preference });
        return records;
    }

    /// <summary>Compares a record with what was found; priorities and weights are the owner's to choose.</summary>
    /// <param name="record">How it should be.</param>
    /// <param name="found">What there is, or <see langword="null"/>: nobody answered.</param>
    public static DnsCheckDto Check(DnsRecordDto record, IReadOnlyList<string>? found)
    {
        DnsRecordState state = found is null ? DnsRecordState.Unanswered
            : found.Any(one => MeansTheSame(record.Type, record.Value, one)) ? DnsRecordState.Right
            : found.Count == 0 ? DnsRecordState.Missing
            : DnsRecordState.Different;
        return new DnsCheckDto { Record = record, State = state, Found = found ?? [], Advice = Advice(record, state) };
    }

    private static string Advice(DnsRecordDto record, DnsRecordState state) => state switch
    {
        DnsRecordState.Right => "Nothing to do.",
        DnsRecordState.Missing => record.Purpose == DnsPurpose.Preference
            ? "Not needed: without it phones try the services in their own order."
            : $"Create this {record.Type} record where the domain's DNS is kept. It may take until the old answer's time to live is over before it is seen.",
        DnsRecordState.Different => $"There is another {record.Type} record of this name: change it, or add this one beside it.",
        _ => "The domain's name servers do not answer. Check that the domain is registered and delegated, then try again.",
    };

    private static bool MeansTheSame(string type, string wanted, string found) => type switch
    {
        "TXT" => found.Trim().Trim('"') == wanted,
        "SRV" => Tail(wanted, 2).SequenceEqual(Tail(found, 2), StringComparer.OrdinalIgnoreCase),
        "NAPTR" => Tail(wanted, 4).SequenceEqual(Tail(found, 4), StringComparer.OrdinalIgnoreCase),
        _ => IPAddress.TryParse(found, out IPAddress? address) && address.Equals(IPAddress.Parse(wanted)),
    };

    private static IEnumerable<string> Tail(string text, int fields) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).TakeLast(fields);
}
