namespace CloudPbx.TestKit.Phones;

/// <summary>A phone did not do, or did not see, in time what the test wanted of it; the message carries its logs.</summary>
public sealed class PhoneException(string message) : Exception(message);
