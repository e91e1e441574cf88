using System.Text.Json.Serialization;

namespace CloudPbx.Contracts.Events;

/// <summary>One SIP message between a party and CloudPbx, or a note of why there was none.</summary>
public sealed record LadderMessage
{
    /// <summary>When, in milliseconds after the call began.</summary>
    public int At { get; init; }

    /// <summary>The number of the leg.</summary>
    public int Leg { get; init; }

    /// <summary>Whether the party sent it; else CloudPbx did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FromParty { get; init; }

    /// <summary>The request's method, or that of the request that is answered; absent for a note.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Method { get; init; }

    /// <summary>The response's status; 0 for a request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Status { get; init; }

    /// <summary>The response's reason phrase. At most 128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Phrase { get; init; }

    /// <summary>The number of CSeq.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long CSeq { get; init; }

    /// <summary>Whom an INVITE calls, a REFER or a redirection names: the user of that address. At most 64 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }

    /// <summary>The Reason header field (RFC 3326), with the Q.850 cause where there is one. At most 128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The Warning header field (RFC 3261 §20.43). At most 128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warning { get; init; }

    /// <summary>Retry-After, in seconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RetryAfter { get; init; }

    /// <summary>What a carrier says about the caller's right to its number: the attestation of the Identity header field (RFC 8224, RFC 8588) and the result of its own check (<c>verstat</c>). At most 128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Identity { get; init; }

    /// <summary>What its session description says; absent where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LadderMedia? Media { get; init; }

    /// <summary>Whether it carried credentials. They themselves are never kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasCredentials { get; init; }

    /// <summary>How often it was sent again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Repeats { get; init; }

    /// <summary>Whether it could not be sent: the connection was gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsUnsent { get; init; }

    /// <summary>Why there was no message: a server that could not be found or reached, in its own words. At most 128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
}
