using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Authentication;

/// <summary>Where the operator token lies. Section <c>OperatorToken</c>.</summary>
public sealed class OperatorTokenOptions
{
    /// <summary>The file with the token; created with mode 0600 and a random token where it is missing.</summary>
    [Required] public string Path { get; set; } = "data/operator.token";
}

[OptionsValidator]
internal sealed partial class OperatorTokenOptionsValidator : IValidateOptions<OperatorTokenOptions>;
