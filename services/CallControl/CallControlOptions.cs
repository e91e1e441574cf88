using System.ComponentModel.DataAnnotations;
using System.Net;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl;

/// <summary>Settings of a call control worker, section <c>CallControl</c>. All defaults are here.</summary>
public sealed class CallControlOptions : IValidatableObject
{
    /// <summary>Address and port on which edges reach this worker (TCP); port 0 takes a free one, empty listens nowhere (all-in-one).</summary>
    public string? Listen { get; set; } = "127.0.0.1:0";

    /// <summary>What is announced to the edges instead of <see cref="Listen"/>, where the two differ (a pod's address); null: the same.</summary>
    public string? Advertise { get; set; }

    /// <summary>
    /// The control address of the only media node, <c>unix:/PATH</c> or <c>tcp://HOST:PORT</c>, or for gRPC <c>http://HOST:PORT</c> or <c>https://HOST:PORT</c>; null: those that announce
    /// themselves in Redis. How nodes of <c>https://</c> are verified: section <c>MediaControl</c> (<see cref="Hosting.ClientTlsOptions"/>).
    /// </summary>
    public string? MediaNode { get; set; }

    /// <summary>The address that other workers' silos reach this one at; null: 127.0.0.1.</summary>
    public string? SiloAddress { get; set; }

    /// <summary>The silo's port for other workers; 0 takes a free one, which the membership table then tells.</summary>
    [Range(0, 65535)] public int SiloPort { get; set; }

    /// <summary>The silo's port for Api; 0 takes a free one, which the membership table then tells.</summary>
    [Range(0, 65535)] public int GatewayPort { get; set; }

    /// <summary>Folder of the spool of call records that the bus has not confirmed yet.</summary>
    [Required] public string SpoolFolder { get; set; } = "data/spool";

    /// <summary>The shortest registration granted, in seconds; a shorter wish gets 423 (RFC 3261 §10.3 step 7).</summary>
    [Range(1, 3600)] public int MinimumExpires { get; set; } = 60;

    /// <summary>The longest registration granted, in seconds; also what a phone gets that wishes nothing.</summary>
    [Range(60, 86400)] public int MaximumExpires { get; set; } = 3600;

    /// <summary>What a phone behind NAT on UDP is granted at most, in seconds: it sends no keep-alives between refreshes.</summary>
    [Range(15, 3600)] public int NatExpires { get; set; } = 60;

    /// <summary>Seconds between the OPTIONS that keep a UDP phone's NAT mapping open (mappings may close after 30 s); 0: none.</summary>
    [Range(0, 600)] public int NatPingSeconds { get; set; } = 25;

    /// <summary>Contacts per extension.</summary>
    [Range(1, 100)] public int MaximumContacts { get; set; } = 10;

    /// <summary>Busy lamps of one device: more than the keys of the largest desk phone with all its extension modules (180).</summary>
    [Range(0, 10_000)] public int MaximumSubscriptionsOfDevice { get; set; } = 200;

    /// <summary>Busy lamps of one tenant: a thousand phones with ten of them, some 30 MB.</summary>
    [Range(0, 1_000_000)] public int MaximumSubscriptions { get; set; } = 10_000;

    /// <summary>How long a REGISTER waits for Redis to store its binding, in milliseconds; then it is answered all the same.</summary>
    [Range(0, 5000)] public int BindingStoreWaitMilliseconds { get; set; } = 250;

    /// <summary>How long a digest nonce lives, in seconds (SECURITY.md S5).</summary>
    [Range(10, 300)] public int NonceSeconds { get; set; } = 300;

    /// <summary>How long ending calls may take when the worker stops, in seconds.</summary>
    [Range(0, 60)] public int DrainSeconds { get; set; } = 2;

    /// <summary>How long moving all tenants to other workers may take when this one stops, in seconds; calls of those that are left end with BYE.</summary>
    [Range(0, 600)] public int MoveSeconds { get; set; } = 20;

    /// <summary>How many tenants move at once.</summary>
    [Range(1, 1000)] public int MovesAtOnce { get; set; } = 16;

    /// <summary>How long a tenant that is to move goes on as before while a call is being set up, or an answer waits for a PRACK (RFC 3262 §3), in milliseconds.</summary>
    [Range(0, 10_000)] public int SettleMilliseconds { get; set; } = 500;

    /// <summary>How long a tenant that moves then waits for calls that are being set up, in milliseconds, its messages held at their edges; the next owner ends those that are not ready then.</summary>
    [Range(0, 5000)] public int FreezeMilliseconds { get; set; } = 300;

    /// <summary>How long a tenant that moves waits before that, its new calls held, for calls that the next owner would have to end as they stand, in milliseconds: a media node or a phone may be slow.</summary>
    [Range(0, 20_000)] public int CalmMilliseconds { get; set; } = 4000;

    /// <summary>How long a tenant that moves tries to write its calls down while the store does not answer, in seconds; then they end with BYE.</summary>
    [Range(0, 60)] public int HandOverSeconds { get; set; } = 5;

    /// <summary>How long a recording may be paused, in minutes, before it goes on by itself, since it was forgotten (SECURITY.md S34); 0: until somebody goes on.</summary>
    [Range(0, 1440)] public int RecordingPauseMinutes { get; set; } = 15;

    /// <summary>Name servers that are asked for carriers' servers (RFC 3263), as <c>ADDRESS:PORT</c>; empty: the system's.</summary>
    /// <remarks>Empty by default, since configuration adds to a list and never replaces it.</remarks>
    public IList<string> NameServers { get; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Listen is { Length: > 0 } listen && !IPEndPoint.TryParse(listen, out _))
            yield return new("Listen must be ADDRESS:PORT.", [nameof(Listen)]);
        if (Advertise is { } advertise && !IPEndPoint.TryParse(advertise, out _))
            yield return new("Advertise must be ADDRESS:PORT.", [nameof(Advertise)]);
        foreach (string server in NameServers)
            if (!IPEndPoint.TryParse(server, out _))
                yield return new($"NameServers must be addresses with ports such as 192.0.2.53:53; '{server}' is none.", [nameof(NameServers)]);
        if (MediaNode is { } only && !NodeUri.IsValid(only))
            yield return new($"MediaNode must be {NodeUri.Forms}.", [nameof(MediaNode)]);
        if (SiloAddress is { } silo && !IPAddress.TryParse(silo, out _))
            yield return new("SiloAddress must be an IP address.", [nameof(SiloAddress)]);
        if (MinimumExpires > MaximumExpires)
            yield return new("MinimumExpires must not exceed MaximumExpires.", [nameof(MinimumExpires)]);
    }
}

[OptionsValidator]
internal sealed partial class CallControlOptionsValidator : IValidateOptions<CallControlOptions>;
