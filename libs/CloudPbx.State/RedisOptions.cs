using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.State;

/// <summary>Where the live state is. Section <c>Redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>StackExchange.Redis configuration: <c>host:port,password=…</c>. May hold a password: never log it.</summary>
    [Required] public string Connection { get; set; } = "localhost:6379";

    /// <summary>How long one command may take before the store counts as away, in milliseconds.</summary>
    [Range(50, 60_000)] public int CommandTimeoutMilliseconds { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class RedisOptionsValidator : IValidateOptions<RedisOptions>;
