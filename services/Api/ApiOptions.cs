using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api;

/// <summary>The API's limits. Section <c>Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>Items on a page whose request names no limit.</summary>
    [Range(1, 1000)] public int PageSize { get; set; } = 100;

    /// <summary>Items on a page at most.</summary>
    [Range(1, 10_000)] public int MaximumPageSize { get; set; } = 1000;

    /// <summary>Octets of a request's body at most: a document of about 30,000 devices.</summary>
    [Range(1024, 1 << 30)] public int MaximumBodyBytes { get; set; } = 8 << 20;

    /// <summary>Requests that one user or program may make each second in the long run; operators are not counted.</summary>
    [Range(1, 1_000_000)] public int RequestsPerSecond { get; set; } = 50;

    /// <summary>Requests that they may make at once after a pause.</summary>
    [Range(1, 1_000_000)] public int RequestBurst { get; set; } = 200;

    /// <summary>How often the edges' directory is rebuilt although nothing changed, in seconds: Redis may have lost it.</summary>
    [Range(1, 3600)] public int DirectoryIntervalSeconds { get; set; } = 30;
}

[OptionsValidator]
internal sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;
