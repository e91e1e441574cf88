namespace CloudPbx.Portal.Phones;

/// <summary>A microphone of the browser.</summary>
/// <param name="Id">The browser's name for it.</param>
/// <param name="Name">Its own.</param>
public sealed record BrowserMicrophone(string Id, string Name);
