using CloudPbx.Load.Measuring;

namespace CloudPbx.Load.Tests.Measuring;

public class AllocationCounterTests
{
    [Theory]
    [InlineData("# TYPE dotnet_gc_heap_total_allocated_bytes_total counter\ndotnet_gc_heap_total_allocated_bytes_total{otel_scope_name=\"System.Runtime\"} 7340032 1732579200000\n", 7340032)]
    [InlineData("dotnet_gc_heap_total_allocated_bytes_total 1.5e6\nother 2\n", 1500000)]
    public void The_sample_is_read_with_or_without_labels_and_time(string text, double expected) => Assert.Equal(expected, AllocationCounter.ValueIn(text));

    [Fact]
    public void Without_the_metric_there_is_no_value() => Assert.Null(AllocationCounter.ValueIn("other 2\n"));
}
