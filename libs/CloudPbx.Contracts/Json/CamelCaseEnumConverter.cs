using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPbx.Contracts.Json;

/// <summary>Writes an enum member as its name in camel case; numbers are refused, so that a renumbered enum cannot change a meaning.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
