namespace CloudPbx.Api.Bodies;

/// <summary>A request's body as a handler gets it.</summary>
internal interface IRequestBody
{
    /// <summary>SHA-256 of the body as it came; <see langword="null"/> where it could not be read.</summary>
    byte[]? Hash { get; }
}
