namespace CloudPbx.Portal.ApiClient;

/// <summary>Why the API did not do what it was asked (RFC 9457), or could not be asked.</summary>
public sealed record ApiProblem
{
    private const string Prefix = "urn:cloudpbx:problem:";

    /// <summary>The problem of an API that cannot be reached.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The problem of a session that has ended.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The problem of input that is wrong.</summary>
    public const string Validation = "validation";

    /// <summary>The problem of a name or number that somebody has.</summary>
    public const string Taken = "taken";

    /// <summary>The problem of a database that cannot be reached: nothing can be changed.</summary>
    public const string DatabaseAway = "database-away";

    /// <summary>The type without its prefix: <c>validation</c>. Stable, unlike titles.</summary>
    public required string Kind { get; init; }

    /// <summary>The HTTP status, or 0 where there was no answer.</summary>
    public int Status { get; init; }

    /// <summary>The API's own sentence, in English.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong where: a place in the request as a JSON path, and sentences.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>();

    /// <summary>What to tell us when asking for help.</summary>
    public string? TraceId { get; init; }

    /// <summary>Takes the prefix from a type.</summary>
    /// <param name="type">The problem's type as the API sent it.</param>
    /// <param name="status">Its status, for an answer without a type.</param>
    public static string KindOf(string? type, int status) =>
        type is not null && type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : $"status-{status}";
}
