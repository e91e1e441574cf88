namespace CloudPbx.TestKit.Carriers;

/// <summary>The product did not say in time what a carrier's script waits for; the message carries the trace.</summary>
public sealed class CarrierException(string message) : Exception(message);
